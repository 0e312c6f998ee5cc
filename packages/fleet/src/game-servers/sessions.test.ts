import { memoryStore } from '@horizon-atlas/adapter-memory';
import { keys } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { Arcade, fleetOf } from '../../test/arcade.ts';
import { settled } from '../../test/manual-clock.ts';

const started = async (but: Parameters<typeof fleetOf>[0] = {}) => (await new Arcade([fleetOf(but)]).start()).ready();

describe('what the simulator found of sessions', () => {
  it('has room for as many sessions after a kill as before, though its own record was not written any more', async () => {
    const store = memoryStore();
    const arcade = await new Arcade([fleetOf({ sessionsPerServer: 2, scaling: { min: 1, max: 1, warm: 0 } })], store).start();
    await arcade.ready();
    const [server = ''] = arcade.ids();
    await arcade.ask('r1');
    const before = await store.get(keys.gameServer(server));
    await arcade.ask('r2');
    await arcade.service.close();
    await store.transact([{ op: 'put', key: keys.gameServer(server), value: before?.value ?? new Uint8Array() }]);
    await arcade.open().start();
    expect(arcade.service.get(server)?.counters.sessions).toEqual({ count: 2, capacity: 2 });
    expect(await arcade.ask('r3')).toBe('ALLOCATION_NONE_READY');
  });
  it('tells a server that dials again what is over before what is new: it has no more sessions than room', async () => {
    const arcade = await started({ policy: { afterSession: 'reuse', unhealthyMs: 10_000 } });
    const server = await arcade.ask('r1');
    arcade.link(server, ['r1']);
    arcade.linked.delete(server);
    arcade.service.unlinked(server);
    arcade.service.release('r1');
    await settled();
    for (let i = 2; arcade.service.get(server)?.allocations.length === 0; i++) await arcade.ask(`r${i}`);
    arcade.told.length = 0;
    arcade.link(server, ['r1']);
    const kinds = arcade.told.filter((each) => each.server === server).map(({ message }) => message.kind);
    expect(kinds.slice(0, 2)).toEqual(['over', 'session']);
  });
  it('who comes too late for a session that has expired fulfils no lease of the other sessions on its server', async () => {
    const arcade = await started({ sessionsPerServer: 3, scaling: { min: 1, max: 1, warm: 0 } });
    const ask = (requestId: string, leaseMs: number) =>
      arcade.service.request({ requestId, fleet: 'arena', players: [`p-${requestId}`], session: {}, waitMs: 0, leaseMs });
    const answers = Promise.all([ask('late', 500), ask('absent', 2_000), ask('there', 2_000)]);
    await settled();
    const [server = ''] = (await answers).map((answer) => (answer.ok ? answer.server : answer.code));
    arcade.link(server);
    await arcade.clock.advance(600);
    expect(arcade.service.get(server)?.allocations).toEqual(['absent', 'there']);
    // Said before it was told that this session is over.
    await arcade.say(server, { say: 'joined', player: 'p-late' });
    await arcade.say(server, { say: 'joined', player: 'p-there' });
    await arcade.clock.advance(2_000);
    expect(arcade.service.get(server)?.allocations).toEqual(['there']);
    expect(arcade.service.allocation('absent')?.end).toBe('expired');
  });
  it('a server that was frozen by an Atlas that died before it had written so goes on, and can be given away', async () => {
    const store = memoryStore();
    const arcade = await new Arcade([fleetOf({ scaling: { min: 1, max: 1, warm: 0 } })], store).start();
    await arcade.ready();
    const [server = ''] = arcade.ids();
    const before = await store.get(keys.gameServer(server));
    expect(arcade.service.sleep(server, 'frozen')).toBeUndefined();
    await arcade.service.close();
    await store.transact([{ op: 'put', key: keys.gameServer(server), value: before?.value ?? new Uint8Array() }]);
    await arcade.open().start();
    expect(arcade.runner.processes.get(server)?.frozen).toBe(false);
    expect(await arcade.ask('r1')).toBe(server);
  });
  it('one that sleeps frozen, by its record, sleeps on under the next Atlas', async () => {
    const arcade = await started({ scaling: { min: 1, max: 1, warm: 0 } });
    const [server = ''] = arcade.ids();
    arcade.service.sleep(server, 'frozen');
    await arcade.crash();
    expect(arcade.service.get(server)?.state).toBe('Sleeping');
    expect(arcade.runner.processes.get(server)?.frozen).toBe(true);
  });
  it('a server that is being given away is not put to sleep', async () => {
    const arcade = await started();
    const all = arcade.ids();
    const answers = all.map((_, i) => arcade.request(`r${i}`));
    expect(arcade.ids('Ready').map((id) => arcade.service.sleep(id, 'frozen'))).toEqual(['PROCESS_STATE', 'PROCESS_STATE']);
    expect((await Promise.all(answers)).sort()).toEqual(all.sort());
    await settled();
    expect([...arcade.runner.processes.values()].some(({ frozen }) => frozen)).toBe(false);
  });
});
