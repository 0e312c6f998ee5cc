import { decodeScene } from '@horizon-atlas/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../src/watch/streams.ts';
import { type Fixture, fixture, handoff, player } from './fixture.ts';
import { gameServer, SmallFleets } from './small-fleets.ts';
import { SseClient } from './sse-client.ts';

/** A tenth of the usual waits: a test need not take the time that a person would not notice. */
const quick = { snapshotMs: 60, handoffMs: 30, eventMs: 5 };

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function started(): Promise<Fixture & { url: string }> {
  const made = fixture({ policy: { watch: quick } });
  open.push(made.control);
  return { ...made, url: await made.control.listen() };
}

function watch(url: string, query: string, options: ConstructorParameters<typeof SseClient>[1] = {}): SseClient {
  const client = new SseClient(`${url}/api/v1/watch?${query}`, options);
  open.push(client);
  return client;
}

describe('the watch stream', () => {
  it('begins with the whole of what is asked for, and tells what changes', async () => {
    const { url, world } = await started();
    const client = watch(url, 'topics=status,regions,servers,gateways,players');
    for (const topic of ['status', 'regions', 'servers', 'gateways', 'players']) await client.event(topic);
    expect(JSON.parse(client.of('players')[0]?.data ?? '')).toMatchObject({
      whole: true,
      upsert: [{ id: 'p1' }, { id: 'p2' }],
      gone: [],
    });
    world.regions = world.regions.slice(0, 1);
    world.players = [player('p1', { region: 'beta' })];
    await client.until('the change', () => client.of('regions').length === 2 && client.of('players').length === 2);
    expect(JSON.parse(client.of('players')[1]?.data ?? '')).toMatchObject({
      whole: false,
      upsert: [{ id: 'p1', region: 'beta' }],
      gone: ['p2'],
    });
    expect([client.of('status').length, client.of('servers').length]).toEqual([1, 1]);
  });

  it('begins with all game servers, and tells which have changed and which are gone', async () => {
    let tell: Parameters<SmallFleets['onServer']>[0] = () => {};
    let stopped = false;
    class Fleets extends SmallFleets {
      override onServer(fn: typeof tell): () => void {
        tell = fn;
        return () => {
          stopped = true;
        };
      }
    }
    const made = fixture({ policy: { watch: quick }, sources: { fleets: new Fleets() } });
    open.push(made.control);
    const client = watch(await made.control.listen(), 'topics=gameservers,edges');
    await client.event('gameservers');
    await client.event('edges');
    expect(JSON.parse(client.of('gameservers')[0]?.data ?? '')).toMatchObject({ whole: true, upsert: [{ id: 'arena_1' }] });
    tell({ ...gameServer, state: 'Active' }, false);
    await client.until('the change', () => client.of('gameservers').length === 2);
    tell(gameServer, true);
    await client.until('its end', () => client.of('gameservers').length === 3);
    const [, second, third] = client.of('gameservers').map(({ data }) => JSON.parse(data));
    expect(second).toMatchObject({ whole: false, upsert: [{ id: 'arena_1', state: 'Active' }], gone: [] });
    expect(third).toMatchObject({ whole: false, upsert: [], gone: ['arena_1'] });
    client.close();
    // The server hears of it a moment later.
    await expect.poll(() => stopped, { timeout: 20_000 }).toBe(true);
  });

  it('tells each handoff when it changes', async () => {
    const { url, world } = await started();
    world.handoffs.push(handoff('1-1', { outcome: 'done' }));
    const client = watch(url, 'topics=handoffs');
    await client.event('hello');
    world.handoffs.push(handoff('7-4'));
    await client.event('handoffs');
    world.handoffs[1] = handoff('7-4', { phase: 'done', outcome: 'done' });
    await client.until('its end', () => client.of('handoffs').some(({ data }) => data.includes('"done"')));
    expect(client.of('handoffs').every(({ data }) => data.includes('7-4'))).toBe(true);
  });

  it('sends scenes to all as they come, the first one full, and asks for none without watchers', async () => {
    const { url, world } = await started();
    expect(world.sceneListeners.size).toBe(0);
    const client = watch(url, 'topics=scene');
    await client.event('scene');
    world.showScene(world.scene(false, 5));
    await client.until('the second', () => client.of('scene').length === 2);
    const [first, second] = client.of('scene').map(({ data }) => decodeScene(Buffer.from(data, 'base64')));
    expect([first?.full, second?.full, second?.x[0]]).toEqual([true, false, 5]);
    client.close();
    await client.until('its end', () => client.ended);
    // The server hears of it a moment later; the next watcher finds everything as new.
    const next = watch(url, 'topics=scene');
    await next.event('scene');
    expect(world.sceneListeners.size).toBe(1);
  });

  it('numbers events, and one that drops and resumes misses none', async () => {
    const { url, world } = await started();
    const first = watch(url, 'topics=events');
    await first.event('hello');
    for (let i = 0; i < 10; i++) world.happen('player.joined');
    await first.until('ten events', () => first.of('events').length === 10);
    first.close();
    for (let i = 0; i < 10; i++) world.happen('player.left');
    const second = watch(url, 'topics=events', { headers: { 'last-event-id': first.of('events').at(-1)?.id ?? '' } });
    await second.until('the ten missed', () => second.of('events').length === 10);
    const ids = [...first.of('events'), ...second.of('events')].map(({ id }) => Number(id));
    expect(ids).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(second.of('lost')).toEqual([]);
  });

  it('resumes from where it began when it dropped before the first event', async () => {
    const { url, world } = await started();
    world.happen('a');
    const first = watch(url, 'topics=events');
    const { id } = await first.event('hello');
    first.close();
    world.happen('b');
    const second = watch(url, `topics=events&after=${id}`);
    expect((await second.event('events')).data).toContain('"b"');
  });

  it('says when events are lost, and goes on with those that are there', async () => {
    const { url, world } = await started();
    world.eventsKept = 5;
    for (let i = 0; i < 20; i++) world.happen('x');
    const client = watch(url, 'topics=events&after=3');
    await client.until('what is left', () => client.of('events').length === 5);
    expect(client.events.map(({ event }) => event)).toEqual(['hello', 'lost', ...new Array(5).fill('events')]);
    // An id of a log that has been begun anew since.
    const later = watch(url, 'topics=events&after=900');
    await later.event('lost');
    world.happen('after');
    expect((await later.event('events')).data).toContain('after');
  });

  it('queues nothing for one that never reads, and gives it the latest when it does', { timeout: 60_000 }, async () => {
    const { url, world } = await started();
    world.eventsKept = 100;
    world.players = Array.from({ length: 3000 }, (_, i) => player(`p${i}`));
    const client = watch(url, 'topics=players,events,scene,regions', { reads: false });
    await client.until('its answer', () => client.status === 200);
    const before = process.memoryUsage().arrayBuffers;
    const pad = 'x'.repeat(2000);
    let round = 0;
    // Until the kernel takes no more, and then on for as much again.
    for (; round < 300; round++) {
      world.players = world.players.map((each) => ({ ...each, handoffs: round }));
      for (let i = 0; i < 20; i++) world.happen('x', { text: pad });
      world.showScene(world.scene(false, round));
      await new Promise((resolve) => setImmediate(resolve));
      if (round % 20 === 0) await until(url);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40e6);
    world.regions = [];
    client.read();
    await client.until('the last event', () => client.of('events').at(-1)?.id === String(300 * 20));
    await client.until('no regions', () => client.of('regions').at(-1)?.data === '[]');
    expect(client.of('lost').length).toBeGreaterThan(0);
    const wholes = () => client.of('players').filter(({ data }) => data.startsWith('{"whole":true'));
    await client.until('everybody anew', () => wholes().length > 1);
    const isFull = ({ data }: { data: string }) => decodeScene(Buffer.from(data, 'base64'))?.full;
    await client.until('a full scene anew', () => client.of('scene').filter(isFull).length > 1);
  });

  it('has a hundred readers at once who all see the same', async () => {
    const { url, world } = await started();
    const clients = Array.from({ length: 100 }, () => watch(url, 'topics=events,regions,players,scene'));
    await Promise.all(clients.map((client) => client.event('players')));
    for (let i = 0; i < 50; i++) world.happen('x');
    await Promise.all(clients.map((client) => client.until('50 events', () => client.of('events').length === 50)));
    expect(
      new Set(
        clients.map((client) =>
          client
            .of('events')
            .map(({ id }) => id)
            .join(),
        ),
      ).size,
    ).toBe(1);
  });

  it('refuses one more than there may be, and has room again when one leaves', async () => {
    const { url } = await started();
    const clients = Array.from({ length: limits.streams }, () => watch(url, 'topics=status'));
    await Promise.all(clients.map((client) => client.event('hello')));
    const more = await fetch(`${url}/api/v1/watch`);
    expect([more.status, more.headers.get('retry-after'), ((await more.json()) as { code: string }).code]).toEqual([
      503,
      '5',
      'WATCHERS_FULL',
    ]);
    clients[0]?.close();
    await expect
      .poll(async () => {
        const again = watch(url, 'topics=status');
        await again.until('an answer', () => again.status);
        return again.status;
      })
      .toBe(200);
  });

  it('ends its streams when it closes', async () => {
    const { url, control } = await started();
    const client = watch(url, 'topics=status');
    await client.event('status');
    await control.close();
    await client.until('the end', () => client.ended);
  });
});

describe('the log stream', () => {
  it('passes lines on, and ends with the process', async () => {
    const { url, world } = await started();
    const client = new SseClient(`${url}/api/v1/servers/srv-alpha/logs/watch`);
    open.push(client);
    await client.until('a follower', () => client.status === 200 && world.logListeners.size === 1);
    for (const { onLine } of world.logListeners) onLine({ atMs: 1, stream: 'stderr', text: 'tick too long\n\ndata: x' });
    expect(JSON.parse((await client.event('log')).data)).toEqual({ atMs: 1, stream: 'stderr', text: 'tick too long\n\ndata: x' });
    for (const { ended } of world.logListeners) ended();
    await client.event('ended');
    await client.until('the end', () => client.ended);
    await expect.poll(() => world.logListeners.size).toBe(0);
  });

  it('is refused for what is not there', async () => {
    const { url } = await started();
    const answer = await fetch(`${url}/api/v1/servers/omega/logs/watch`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'NOT_FOUND']);
  });
});

/** Lets the server's timers run. */
async function until(url: string): Promise<void> {
  await fetch(`${url}/healthz`);
}
