/** Rollouts by the service, on scripted processes: begun by a configuration or by an operator, gone back by themselves or by hand, kept over restarts. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Arcade, type FleetBut, fleetOf } from '../../test/arcade.ts';
import { settled } from '../../test/manual-clock.ts';
import { defaultRolloutTerms } from '../core/rollout/terms.ts';
import type { FleetProgram } from './settings.ts';

/** Programs in the order in which they were started. */
let launched: string[] = [];
beforeEach(() => {
  launched = [];
});
const program = (text: string): FleetProgram => ({
  host: '127.0.0.1',
  ports: [],
  launch({ id }) {
    launched.push(text);
    return { id, argv: [text], logFile: `${id}.log` };
  },
});
const versioned = (version: string, but: FleetBut = {}) =>
  fleetOf({
    version,
    program: program(`arena-${version}`),
    revision: `arena-${version}`,
    revive: program,
    rollout: { ...defaultRolloutTerms, maxSurge: 1, maxUnavailable: 0 },
    ...but,
  });
const started = async (but: FleetBut = {}) => (await new Arcade([versioned('1', but)]).start()).ready();

/** `1:Ready 2:Starting`, sorted. */
const versions = (arcade: Arcade) =>
  arcade.service
    .list()
    .map(({ version, state }) => `${version}:${state}`)
    .sort()
    .join(' ');
const view = (arcade: Arcade) => arcade.service.rollout('arena');

/** Those that start say that they are ready, one round. */
async function round(arcade: Arcade): Promise<void> {
  for (const { id, state } of arcade.service.list()) if (state === 'Starting') arcade.service.heard(id, { say: 'ready' });
  await settled();
}

/** All of a version that run exit with an error, and the pause that follows a few failures passes. */
async function fail(arcade: Arcade, version: string): Promise<void> {
  for (const each of arcade.service.list())
    if (each.version === version && each.pid !== 0) await arcade.runner.exit(each.id, { exitCode: 1 });
  await arcade.clock.advance(2000);
}

describe('a new version', () => {
  it('comes up beside the old one, one at a time, and never are fewer ready', async () => {
    const arcade = await started();
    expect(arcade.service.rollOut('arena', '2', 'arena-2')).toBeUndefined();
    await settled();
    expect(versions(arcade)).toBe('1:Ready 1:Ready 2:Starting');
    await round(arcade);
    expect(versions(arcade)).toBe('1:Ready 2:Ready 2:Starting');
    expect(view(arcade)).toMatchObject({
      version: '2',
      previous: '1',
      phase: 'rolling',
      former: { ready: 1 },
      next: { ready: 1 },
    });
    await round(arcade);
    expect(versions(arcade)).toBe('2:Ready 2:Ready');
    expect(view(arcade)).toMatchObject({ phase: 'steady', revisions: [{ version: '2' }, { version: '1' }] });
    expect(launched.slice(2)).toEqual(['arena-2', 'arena-2']);
  });

  it('stops nobody’s server: it goes when its session is over, also one that would be used again', async () => {
    const arcade = await started({ policy: { afterSession: 'reuse' } });
    const used = await arcade.ask('r1');
    await arcade.ready();
    arcade.service.rollOut('arena', '2', 'arena-2');
    for (let i = 0; i < 4; i++) await round(arcade);
    expect(versions(arcade)).toBe('1:Allocated 2:Ready 2:Ready');
    expect(view(arcade)).toMatchObject({ phase: 'steady', former: { inUse: 1, ready: 0 } });
    // Its own word of being ready again does not bring it back either.
    await arcade.clock.advance(5000);
    await arcade.say(used, { say: 'ready' });
    expect(versions(arcade)).toBe('2:Ready 2:Ready');
  });

  it('also ends the one that is taken while it rolls', async () => {
    const arcade = await started({ policy: { afterSession: 'reuse' } });
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    const used = await arcade.ask('r1');
    expect(arcade.service.get(used)?.version).toBe('1');
    arcade.service.release('r1');
    await settled();
    for (let i = 0; i < 4; i++) await round(arcade);
    expect(versions(arcade)).toBe('2:Ready 2:Ready');
  });

  it('comes from a configuration that asks for another one than before, and only then', async () => {
    const arcade = await started();
    await arcade.crash([versioned('2')]);
    for (let i = 0; i < 4; i++) await round(arcade);
    expect(versions(arcade)).toBe('2:Ready 2:Ready');
    // An operator's word stands over restarts, until the configuration says something new.
    expect(arcade.service.rollOut('arena', '3', 'arena-3')).toBeUndefined();
    for (let i = 0; i < 4; i++) await round(arcade);
    await arcade.crash();
    expect(versions(arcade)).toBe('3:Ready 3:Ready');
    await arcade.ask('r1');
    await round(arcade);
    expect(launched.at(-1)).toBe('arena-3');
    await arcade.crash([versioned('4')]);
    for (let i = 0; i < 5; i++) await round(arcade);
    expect(versions(arcade)).toBe('3:Allocated 4:Ready 4:Ready');
  });

  it('goes on where it was after a restart in its midst', async () => {
    const arcade = await started();
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    await round(arcade);
    await arcade.crash();
    expect(view(arcade)).toMatchObject({ version: '2', previous: '1', phase: 'rolling' });
    for (let i = 0; i < 4; i++) await round(arcade);
    expect(versions(arcade)).toBe('2:Ready 2:Ready');
  });

  it('has a version of its own', async () => {
    const arcade = await started();
    expect(arcade.service.rollOut('arena', '1', 'another')).toBe('VERSION_TAKEN');
    expect(arcade.service.rollOut('nobody', '2', 'arena-2')).toBe('FLEET_UNKNOWN');
    expect(arcade.service.rollback('arena')).toBe('ROLLOUT_NONE');
    expect(arcade.service.rollback('nobody')).toBe('FLEET_UNKNOWN');
    expect(arcade.service.rollout('nobody')).toBeUndefined();
  });
});

describe('a former version that is broken', () => {
  it('holds the next one back neither by what failed before it nor by what fails after', async () => {
    const arcade = await new Arcade([versioned('1')]).start();
    for (let i = 0; i < 2; i++) await fail(arcade, '1');
    const late = arcade.ids('Starting');
    expect(late).toHaveLength(2);
    // They fail in the moment in which the next one is asked for.
    const ends = late.map((id) => arcade.runner.exit(id, { exitCode: 1 }));
    arcade.service.rollOut('arena', '2', 'arena-2');
    await Promise.all(ends);
    await settled();
    expect(arcade.service.fleet('arena')?.trouble).toBeUndefined();
    for (let i = 0; i < 4; i++) await round(arcade);
    expect(versions(arcade)).toBe('2:Ready 2:Ready');
  });
});

describe('back', () => {
  it('an operator goes back, and who plays on the former version may stay for more', async () => {
    const arcade = await started({ policy: { afterSession: 'reuse' } });
    const used = await arcade.ask('r1');
    await arcade.ready();
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    await round(arcade);
    expect(arcade.service.rollback('arena')).toBeUndefined();
    for (let i = 0; i < 4; i++) await round(arcade);
    expect(versions(arcade)).toBe('1:Allocated 1:Ready 1:Ready');
    expect(view(arcade)).toMatchObject({ version: '1', previous: '2', phase: 'steady', why: 'an operator sent it back' });
    arcade.changes.length = 0;
    arcade.service.release('r1');
    await settled();
    expect(arcade.changes.filter(({ id }) => id === used).map(({ state }) => state)).toContain('Ready');
    expect(versions(arcade)).toBe('1:Ready 1:Ready');
  });

  it('by itself when its servers fail, and a restart does not begin it again', async () => {
    const arcade = await started({
      rollout: { ...defaultRolloutTerms, maxSurge: 1, maxUnavailable: 0, abort: { failures: 2, rate: 0.5 } },
    });
    const bad = [
      versioned('2', { rollout: { ...defaultRolloutTerms, maxSurge: 1, maxUnavailable: 0, abort: { failures: 2, rate: 0.5 } } }),
    ];
    await arcade.crash(bad);
    for (let i = 0; i < 2; i++) {
      for (const { id, version } of arcade.service.list()) if (version === '2') await arcade.runner.exit(id, { exitCode: 1 });
      await settled();
    }
    expect(versions(arcade)).toBe('1:Ready 1:Ready');
    expect(view(arcade)).toMatchObject({
      version: '1',
      refused: '2',
      why: expect.stringMatching(/^2 of 2 servers of version 2 failed; the last: arena_.*exit code 1/),
    });
    expect(arcade.service.fleet('arena')?.trouble).toBeUndefined();
    await arcade.crash(bad);
    await arcade.ask('r1');
    await round(arcade);
    expect(versions(arcade)).toBe('1:Allocated 1:Ready 1:Ready');
    expect(launched.at(-1)).toBe('arena-1');
  });
});

describe('a rollout that is paused', () => {
  it('stays as it is, has the former version do what is wanted beyond, and goes on when it is let', async () => {
    const arcade = await started({ policy: { afterSession: 'reuse' } });
    expect(arcade.service.holdRollout('arena', true)).toBe('ROLLOUT_NONE');
    expect(arcade.service.holdRollout('nobody', true)).toBe('FLEET_UNKNOWN');
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    await round(arcade);
    expect(versions(arcade)).toBe('1:Ready 2:Ready 2:Starting');
    expect(arcade.service.holdRollout('arena', true)).toBeUndefined();
    for (let i = 0; i < 3; i++) await round(arcade);
    // What was on its way arrives and stays; nothing goes for it.
    expect(versions(arcade)).toBe('1:Ready 2:Ready 2:Ready');
    expect(view(arcade)).toMatchObject({ phase: 'rolling', paused: true });
    // Where more are wanted, they are of the former version; and over a restart it is paused still.
    await arcade.crash();
    expect(view(arcade)).toMatchObject({ phase: 'rolling', paused: true });
    arcade.service.hold('arena', 5);
    for (let i = 0; i < 3; i++) await round(arcade);
    expect(versions(arcade)).toBe('1:Ready 1:Ready 1:Ready 2:Ready 2:Ready');
    expect(arcade.service.holdRollout('arena', false)).toBeUndefined();
    for (let i = 0; i < 8; i++) await round(arcade);
    expect(versions(arcade)).toBe('2:Ready 2:Ready 2:Ready 2:Ready 2:Ready');
    expect(view(arcade)).toMatchObject({ phase: 'steady', paused: false });
  });

  it('leaves those in use of the former version to be used again, and takes that back', async () => {
    const arcade = await started({ policy: { afterSession: 'reuse' } });
    const used = await arcade.ask('r1');
    await arcade.ready();
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    arcade.service.holdRollout('arena', true);
    await settled();
    arcade.changes.length = 0;
    arcade.service.release('r1');
    await settled();
    expect(arcade.changes.filter(({ id }) => id === used).map(({ state }) => state)).toContain('Ready');
    arcade.service.holdRollout('arena', false);
    for (let i = 0; i < 5; i++) await round(arcade);
    expect(versions(arcade)).toBe('2:Ready 2:Ready');
  });
});

describe('a trial that is paused', () => {
  it('goes on, and lasts its time anew when it is let', async () => {
    const canary = { replicas: 1, forMs: 60_000 };
    const arcade = await started({ rollout: { ...defaultRolloutTerms, maxSurge: 1, maxUnavailable: 0, canary } });
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    await round(arcade);
    arcade.service.holdRollout('arena', true);
    await arcade.clock.advance(600_000);
    await round(arcade);
    expect(versions(arcade)).toBe('1:Ready 2:Ready');
    expect(view(arcade)).toMatchObject({ phase: 'canary', paused: true, trialUntilMs: 0 });
    arcade.service.holdRollout('arena', false);
    await settled();
    expect(view(arcade)).toMatchObject({ phase: 'canary', paused: false, trialUntilMs: arcade.clock.wall() + 60_000 });
  });
});

describe('a trial', () => {
  const rollout = { ...defaultRolloutTerms, maxSurge: 1, maxUnavailable: 0, canary: { replicas: 1, forMs: 60_000 } };

  it('is one server for a minute, then all', async () => {
    const arcade = await started({ rollout });
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    await round(arcade);
    expect(versions(arcade)).toBe('1:Ready 2:Ready');
    expect(view(arcade)).toMatchObject({ phase: 'canary', trialUntilMs: arcade.clock.wall() + 60_000 });
    // The former version grows meanwhile, and serves.
    await arcade.ask('r1');
    await arcade.ask('r2');
    await round(arcade);
    expect(versions(arcade)).toMatch(/1:Ready/);
    await arcade.clock.advance(60_000);
    for (let i = 0; i < 5; i++) await round(arcade);
    expect(versions(arcade)).toBe('1:Allocated 2:Allocated 2:Ready 2:Ready');
  });

  it('whose time is over while none of its servers is up waits for one, and does not look again and again', async () => {
    const arcade = await started({ rollout });
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    await round(arcade);
    await arcade.clock.advance(50_000);
    // An operator ends its server: no failure, so the trial goes on, with another one that is on its way.
    for (const { id, version } of arcade.service.list()) if (version === '2') arcade.service.order(id, 'shutdown');
    await settled();
    expect(versions(arcade)).toBe('1:Ready 2:Starting');
    await arcade.clock.advance(9000);
    const before = arcade.clock.alarms;
    await arcade.clock.advance(2000);
    expect(arcade.clock.alarms - before).toBeLessThan(5);
    expect(view(arcade)).toMatchObject({ phase: 'canary' });
    for (let i = 0; i < 5; i++) await round(arcade);
    expect(versions(arcade)).toBe('2:Ready 2:Ready');
  });

  it('is started and started again while the former version crashes in a loop', async () => {
    const long = { ...rollout, canary: { replicas: 1, forMs: 600_000 } };
    const arcade = await new Arcade([versioned('1', { rollout: long })]).start();
    for (let i = 0; i < 5; i++) await fail(arcade, '1');
    expect(arcade.service.fleet('arena')?.trouble?.code).toBe('SERVER_CRASH_LOOP');
    arcade.service.rollOut('arena', '2', 'arena-2');
    await settled();
    expect(versions(arcade)).toBe('2:Starting');
    await round(arcade);
    // The former version is tried again after its pause, fails again, and has to wait longer; of the new one that says nothing.
    await arcade.clock.advance(60_000);
    expect(versions(arcade)).toBe('1:Starting 2:Ready');
    await fail(arcade, '1');
    expect(versions(arcade)).toBe('2:Ready');
    expect(arcade.service.fleet('arena')?.trouble?.code).toBe('SERVER_CRASH_LOOP');
    await fail(arcade, '2');
    expect(versions(arcade)).toBe('2:Starting');
    expect(view(arcade)).toMatchObject({ phase: 'canary', version: '2' });
  });
});
