/**
 * Each checker bites: with a deliberate sabotage some seed soon breaks what it watches over, and without it none does. A mutation that
 * no checker sees would be a hole in what ten thousand quiet seeds prove.
 */
import { Reader, Writer } from '@horizon-atlas/base';
import { GatewayFrame, GatewayToServer, gameLink, kind } from '@horizon-atlas/protocol';
import type { ServerEngine } from '@horizon-atlas/sdk-server';
import { describe, expect, test } from 'vitest';
import { allCheckers } from './checkers/all.ts';
import { type Checker, Violation } from './checkers/checker.ts';
import { exactlyOnce } from './checkers/exactly-once.ts';
import { onePlace } from './checkers/one-place.ts';
import { oneWriter } from './checkers/one-writer.ts';
import { openSocket } from './checkers/open-socket.ts';
import { recovers } from './checkers/recovers.ts';
import { trueResume } from './checkers/true-resume.ts';
import { wholeGroups } from './checkers/whole-groups.ts';
import { calm, type Faults } from './faults.ts';
import { isPet } from './game.ts';
import { type Habits, steady } from './habits.ts';
import type { Taps } from './taps.ts';
import { World } from './world.ts';

interface Mutation {
  readonly what: string;
  /** Each of these sees it without the others. */
  readonly caughtBy: readonly (() => Checker)[];
  readonly faults?: Partial<Faults>;
  readonly habits?: Partial<Habits>;
  readonly taps: () => Taps;
  readonly alter?: (world: World) => void;
}

const mutations: readonly Mutation[] = [
  {
    what: 'a source goes on simulating what it has frozen',
    caughtBy: [trueResume],
    faults: { storeMsMax: 250 },
    habits: { paceMsMin: 20, paceMsMax: 100 },
    taps: () => ({ tick: tickFrozenToo }),
  },
  {
    what: 'a gateway passes on what a former owner says, as if it were the present one',
    caughtBy: [oneWriter],
    faults: { delayMsMax: 60, lose: 0.1 },
    taps: unfenced,
  },
  {
    what: 'a store looks at no condition',
    caughtBy: [oneWriter],
    faults: { coordinatorCrashS: 3, serverCrashS: 6, storeMsMax: 1_000 },
    taps: () => ({}),
    alter: (world) => {
      world.disk.ignoreConditions = true;
    },
  },
  {
    what: 'a command is doubled on its way and gets a number of its own',
    caughtBy: [exactlyOnce],
    taps: doubled,
  },
  {
    what: 'a target is told to begin anew instead of where the source stopped',
    caughtBy: [exactlyOnce],
    taps: () => ({
      toServer: (message) => {
        if (message.kind !== 'activate') return message;
        const place = { x: undefined, y: undefined, z: undefined };
        return { kind: 'admit', region: message.region, group: { ...message.group, state: new Uint8Array(0) }, ...place };
      },
    }),
  },
  {
    what: 'a server forgets a message that nobody has acknowledged, and the gateway says that nothing was lost',
    caughtBy: [trueResume],
    faults: { clientCutS: 2, delayMsMax: 60 },
    taps: lying,
  },
  {
    what: 'a socket is closed because its player has crossed a border',
    caughtBy: [openSocket],
    taps: () => ({
      toGateway: (message) =>
        message.kind === 'route'
          ? [message, { kind: 'kick', session: message.session, code: 'SESSION_KICKED', message: '' }]
          : [message],
    }),
  },
  {
    what: 'a player who comes back is not taken off the list of those who are away',
    caughtBy: [onePlace],
    habits: { leaveS: 3, awayMsMax: 3_000 },
    taps: () => ({ ops: (ops) => ops.filter((op) => op.op !== 'delete' || !op.key.startsWith('player/')) }),
  },
  {
    what: 'nobody tells a gateway where its sessions went',
    caughtBy: [openSocket],
    taps: () => ({ toGateway: (message) => (message.kind === 'route' ? [] : [message]) }),
  },
  {
    what: 'a gateway does not hear that a slow client keeps up again',
    caughtBy: [openSocket],
    faults: { slowClientS: 4 },
    taps: () => {
      let most = 0;
      return { backlog: (bytes) => (most = Math.max(most, bytes)) };
    },
  },
  {
    what: 'a region whose server died with players in it gets no other',
    caughtBy: [recovers],
    faults: { serverCrashS: 3 },
    taps: () => ({ toServer: (message) => (message.kind === 'assign' && message.groups.length > 0 ? undefined : message) }),
  },
  {
    what: 'a copy misses what changed in the members of a group',
    caughtBy: [wholeGroups],
    habits: { pet: 0.2 },
    taps: () => ({
      game: (hooks) => ({
        ...hooks,
        delta: (_before, after) => (isPet(after) ? new Uint8Array(0) : after),
        patch: (before, delta) => (delta.length === 0 ? before : delta),
      }),
    }),
  },
  {
    what: 'a region is brought back without those who were in it',
    caughtBy: [exactlyOnce],
    faults: { serverCrashS: 3 },
    taps: () => ({
      toServer: (message) => (message.kind === 'assign' ? { ...message, groups: [] } : message),
    }),
  },
];

describe('a sabotage is seen', () => {
  for (const mutation of mutations) {
    test(mutation.what, () => {
      for (const checker of mutation.caughtBy) {
        const caught = firstViolation(mutation, mutation.taps, () => [checker()], 30);
        expect(caught?.checker, caught?.message ?? 'no seed saw it').toBe(checker().name);
      }
    });
  }

  test('and each checker sees one', () => {
    const seeing = new Set(mutations.flatMap(({ caughtBy }) => caughtBy.map((checker) => checker().name)));
    expect([...seeing].sort()).toEqual(
      allCheckers()
        .map(({ name }) => name)
        .sort(),
    );
  });
});

describe('and without it', () => {
  for (const { what, faults, habits } of mutations) {
    if (!faults && !habits) continue;
    test(`nothing is: ${what}`, () => {
      const caught = firstViolation({ ...(faults && { faults }), ...(habits && { habits }) }, () => ({}), allCheckers, 4);
      expect(caught?.message).toBeUndefined();
    });
  }
});

function firstViolation(
  { faults, habits, alter }: Pick<Mutation, 'faults' | 'habits' | 'alter'>,
  taps: () => Taps,
  checkers: () => Checker[],
  seeds: number,
): Violation | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    const world = new World({
      seed,
      faults: { ...calm, ...faults },
      habits: { ...steady, jump: 0.1, ...habits },
      taps: taps(),
      checkers: checkers(),
      ...(alter && { alter }),
    });
    try {
      world.run();
    } catch (error) {
      if (error instanceof Violation) return error;
      throw error;
    }
  }
  return undefined;
}

function tickFrozenToo(engine: ServerEngine, nowMs: number): void {
  const stopped = [...engine.regions.values()].flatMap((region) => [...region.groups.values()].filter((group) => group.frozen));
  const kept = stopped.map((group) => group.frozen);
  for (const group of stopped) group.frozen = undefined;
  engine.tick(nowMs);
  for (const [i, group] of stopped.entries()) group.frozen ??= kept[i];
}

/** Retired handles are rewritten to the present one of the same session. */
function unfenced(): Taps {
  const sessions = new Map<string, string>();
  const present = new Map<string, { server: string; handle: number }>();
  return {
    toGameServer: (gateway, server, frame) => {
      const message = frame[0] === gameLink.control ? GatewayToServer.decode(frame, 1) : undefined;
      if (message?.kind !== 'attach') return;
      sessions.set(`${gateway.id}/${message.handle}`, message.session);
      present.set(`${gateway.id}/${message.session}`, { server, handle: message.handle });
    },
    fromGameServer: (gateway, _server, frame) => {
      if (frame[0] !== gameLink.latestDown && frame[0] !== gameLink.message) return undefined;
      const session = sessions.get(`${gateway.id}/${new Reader(frame, 1).u32()}`);
      const now = present.get(`${gateway.id}/${session}`);
      if (!now) return undefined;
      const copy = frame.slice();
      new DataView(copy.buffer).setUint32(1, now.handle, true);
      return { server: now.server, frame: copy };
    },
  };
}

/** The fifth command of each client comes twice, and all that follow are numbered one higher. */
function doubled(): Taps {
  const shifted = new Set<number>();
  return {
    fromClient: (client, frame) => {
      if (frame[0] !== kind.command) return [frame];
      const seq = new Reader(frame, 1).u32();
      const next = frame.slice();
      new DataView(next.buffer).setUint32(1, seq + 1, true);
      if (shifted.has(client)) return [next];
      if (seq < 5) return [frame];
      shifted.add(client);
      return [frame, next];
    },
  };
}

function lying(): Taps {
  return {
    tick: (engine, nowMs) => {
      engine.tick(nowMs);
      for (const session of engine.sessions.values()) if (!session.attached) session.dropOldest();
    },
    toClient: (frame) => {
      if (frame[0] !== kind.welcome) return frame;
      const welcome = GatewayFrame.decode(frame);
      if (welcome?.kind !== 'welcome' || welcome.applied === 0) return frame;
      const w = new Writer(512);
      GatewayFrame.write(w, { ...welcome, resumed: true });
      return w.copy();
    },
  };
}
