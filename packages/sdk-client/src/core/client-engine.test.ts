import { describe, expect, test } from 'vitest';
import { A, B, type Story, stateFrame, story, viewFrame, welcomeOf } from '../../test/client-story.ts';
import type { ClientPolicy } from './policy.ts';

/** Tells a story to an engine and holds what it did from `tell`'s last `took()` on against `lines`. */
function check(name: string, tell: (it: Story) => void, lines: string[], policy: Partial<ClientPolicy> = {}): void {
  test(name, () => {
    const it = story(policy);
    tell(it);
    expect(it.took()).toEqual(lines);
  });
}

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const REFUSED = 1006;

/** Joined, with commands 1, 2, 3 sent. */
function busy(it: Story): void {
  it.joins();
  for (const n of [1, 2, 3]) it.engine.send(1, bytes(n));
  it.passes(2_000 - 1);
  it.took();
}

describe('a first connection', () => {
  check('is a hello, a welcome, and an ack that retires older resume tokens', (it) => it.joins(), [
    'status connecting',
    `connect ${A}`,
    'send hello resume= received=0',
    'status online',
    'welcome s1 resumed=false after 0',
    'send ack 0',
  ]);
  check(
    'carries what was asked for before it stood',
    (it) => {
      it.engine.start(0);
      it.engine.send(1, bytes(1));
      it.engine.sendLatest(2, bytes(8));
      it.engine.sendLatest(2, bytes(9));
      it.took();
      it.joins();
    },
    [
      'send hello resume= received=0',
      'status online',
      'welcome s1 resumed=false after 0',
      'send ack 0',
      'send command 1 1',
      'replayed 1',
      'send latest 2 9',
    ],
  );
  check(
    'survives a refusal, a black hole and a busy gateway, and waits longer each time',
    (it) => {
      it.engine.start(0);
      it.engine.closed(REFUSED, 0);
      it.passes(0);
      it.took();
      it.passes(5_000); // nobody answers the second dial
      it.passes(75); // jitter draws three quarters of 100 ms
      it.engine.opened(it.now);
      it.engine.closed(4505, it.now);
      it.passes(150);
      it.joins();
    },
    [
      'close 1000',
      `connect ${A}`,
      'send hello resume= received=0',
      `connect ${A}`,
      'send hello resume= received=0',
      'status online',
      'welcome s1 resumed=false after 0',
      'send ack 0',
    ],
  );
  check(
    'ends with the reason when the reason will not go away',
    (it) => {
      it.engine.start(0);
      it.engine.opened(0);
      it.took();
      it.engine.closed(4401, 10);
      it.passes(60_000);
    },
    ['close 1000', 'status closed TOKEN_INVALID'],
  );
  check(
    'gives up when nobody answers for the time that the game allows',
    (it) => {
      it.engine.start(0);
      it.took();
      while (it.now < 1_000) {
        it.engine.closed(REFUSED, it.now);
        it.passes(Math.min(1_000 - it.now, Math.max(1, it.engine.dueMs - it.now)));
      }
      expect(it.engine.status).toBe('closed');
      expect(it.engine.send(1, bytes(1))).toEqual({ ok: false, code: 'SESSION_ENDED' });
      expect(it.took().at(-1)).toBe('status closed NOT_RUNNING');
    },
    [],
    { firstConnectMs: 1_000 },
  );
});

describe('a lost socket', () => {
  check(
    'is resumed at once, and what is not covered is sent again, in order, applied or not',
    (it) => {
      busy(it);
      it.engine.closed(REFUSED, it.now);
      it.passes(0);
      it.joins({ resumed: true, resume: 'r2', applied: 2, covered: 1 });
    },
    [
      'status reconnecting',
      `connect ${A}`,
      'send hello resume=r1 received=0',
      'status online',
      'welcome s1 resumed=true after 0',
      'send ack 0',
      'send command 2 2',
      'send command 3 3',
      'replayed 2',
    ],
  );
  check(
    'is resumed at the next gateway when its own is dead',
    (it) => {
      busy(it);
      it.engine.closed(REFUSED, it.now);
      it.passes(0);
      it.engine.closed(REFUSED, it.now);
      it.passes(75);
    },
    ['status reconnecting', `connect ${A}`, `connect ${B}`],
  );
  test('is resumed within a moment of a gateway that was gone for a second and a half, and asks one that stays away ever more rarely', () => {
    const it = story();
    busy(it);
    const lostMs = it.now;
    const waits: number[] = [];
    while (it.now < lostMs + 60_000) {
      it.engine.closed(REFUSED, it.now);
      waits.push(it.engine.dueMs - it.now);
      it.passes(waits.at(-1) ?? 0);
    }
    const atMs = waits.map((_, i) => waits.slice(0, i).reduce((sum, ms) => sum + ms, 0));
    expect(Math.max(...waits.filter((_, i) => (atMs[i] ?? 0) < 1_500))).toBe(150); // Three quarters of 200 ms.
    expect(waits.slice(-3)).toEqual([3_750, 3_750, 3_750]);
    expect(waits.length).toBeLessThan(40);
  });
  check(
    'is noticed by silence',
    (it) => {
      it.joins();
      it.took();
      it.passes(2_000);
    },
    ['send ping', 'send ping', 'send ping', 'send ping', 'close 1000', 'status reconnecting IDLE_TIMEOUT', `connect ${A}`],
  );
  check(
    'does not make a hot loop of a gateway that accepts and drops',
    (it) => {
      it.joins();
      it.took();
      it.engine.closed(REFUSED, 10);
      it.now = 10;
      it.passes(0);
      it.joins({ resumed: true });
      it.took();
      it.engine.closed(REFUSED, 10);
      expect(it.engine.dueMs).toBe(10 + 75);
    },
    ['status reconnecting'],
  );
  check(
    'whose session is gone begins a new one, and says what that cost',
    (it) => {
      busy(it);
      it.engine.closed(REFUSED, it.now);
      it.passes(0);
      it.engine.opened(it.now);
      it.engine.closed(4450, it.now);
      it.passes(75);
      it.took();
      it.joins({ session: 's2', resume: 'r9' });
      it.engine.send(1, bytes(4));
    },
    [
      'send hello resume= received=0',
      'status online',
      'welcome s2 resumed=false after 75',
      'dropped 3',
      'send ack 0',
      'send command 1 4',
    ],
  );
  check(
    'whose messages were lost keeps its commands, since it is the same session',
    (it) => {
      busy(it);
      it.gets({ kind: 'message', seq: 1, event: 1, payload: bytes(1) });
      it.engine.closed(REFUSED, it.now);
      it.passes(0);
      it.took();
      it.joins({ resumed: false, resume: 'r2', applied: 2, covered: 2 });
      it.gets({ kind: 'message', seq: 40, event: 1, payload: bytes(40) });
      it.gets({ kind: 'message', seq: 41, event: 1, payload: bytes(41) });
    },
    [
      'send hello resume=r1 received=1',
      'status online',
      'welcome s1 resumed=false after 0',
      'send ack 1',
      'send command 3 3',
      'replayed 1',
      'message 40 event 1 40',
      'message 41 event 1 41',
    ],
  );
  check(
    'because the player is elsewhere ends the session',
    (it) => {
      it.joins();
      it.took();
      it.engine.closed(4440, 5);
      it.passes(10_000);
    },
    ['close 1000', 'status closed SESSION_REPLACED'],
  );
});

describe('a host that wakes', () => {
  check(
    'does not wait for its next attempt any more',
    (it) => {
      busy(it);
      it.engine.closed(REFUSED, it.now);
      for (let n = 0; n < 8; n++) {
        it.passes(5_000);
        it.engine.closed(REFUSED, it.now);
      }
      it.took();
      it.engine.wake(it.now);
      it.engine.closed(REFUSED, it.now);
      it.passes(0);
    },
    // The second at once, too: it begins anew.
    [`connect ${A}`, `connect ${A}`],
  );
  check(
    'keeps a connection that answers',
    (it) => {
      busy(it);
      it.now += 18_000; // frozen: nothing ticks
      it.engine.wake(it.now);
      it.took();
      for (let n = 0; n < 2; n++) {
        it.passes(1_000);
        it.gets({ kind: 'pong', stamp: 1 });
      }
      it.passes(1_000);
    },
    Array.from({ length: 6 }, () => 'send ping'),
  );
  check(
    'gives a connection up that is silent, and resumes',
    (it) => {
      busy(it);
      it.now += 18_000;
      it.engine.wake(it.now);
      it.took();
      it.passes(2_000);
      it.joins({ resumed: true, resume: 'r2' });
    },
    [
      'send ping',
      'send ping',
      'send ping',
      'close 1000',
      'status reconnecting IDLE_TIMEOUT',
      `connect ${A}`,
      'send hello resume=r1 received=0',
      'status online',
      'welcome s1 resumed=true after 0',
      'send ack 0',
      'send command 1 1',
      'send command 2 2',
      'send command 3 3',
      'replayed 3',
    ],
  );
});

describe('a gateway that drains', () => {
  check(
    'is left for another within a second, before it closes',
    (it) => {
      busy(it);
      it.gets({ kind: 'notice', notice: 'draining', region: '', epoch: 0, message: '' });
      it.passes(500);
    },
    ['notice draining ', 'send ping', 'close 1000', 'status reconnecting GATEWAY_DRAINING', `connect ${B}`],
  );
});

describe('messages', () => {
  check(
    'are passed on once and acknowledged together',
    (it) => {
      it.joins();
      it.passes(0);
      it.took();
      for (const seq of [1, 2, 2, 1, 3]) it.gets({ kind: 'message', seq, event: 4, payload: bytes(seq) });
      it.passes(50);
      expect(it.engine.duplicates).toBe(2);
    },
    ['message 1 event 4 1', 'message 2 event 4 2', 'message 3 event 4 3', 'send ack 3'],
  );
  check(
    'are acknowledged at once when many have come',
    (it) => {
      it.joins();
      it.took();
      for (let seq = 1; seq <= 32; seq++) it.gets({ kind: 'message', seq, event: 4, payload: bytes() });
      expect(it.took().filter((line) => line.startsWith('send'))).toEqual(['send ack 32']);
    },
    [],
  );
  check(
    'with one missing make the client resume from what it has',
    (it) => {
      busy(it);
      it.gets({ kind: 'message', seq: 2, event: 4, payload: bytes() });
    },
    ['close 1000', 'status reconnecting MESSAGE_INVALID'],
  );
  check(
    'that are no frames end the connection, not the client',
    (it) => {
      busy(it);
      it.engine.fromGateway(bytes(0xff, 1, 2), it.now);
      it.passes(75);
    },
    ['close 1000', 'status reconnecting MESSAGE_INVALID', `connect ${B}`],
  );
});

describe('commands', () => {
  test('are bounded, and freed by what is covered', () => {
    const it = story({ commandsMax: 2 });
    it.joins();
    expect(it.engine.send(1, bytes())).toEqual({ ok: true, seq: 1 });
    expect(it.engine.send(1, bytes())).toEqual({ ok: true, seq: 2 });
    expect(it.engine.send(1, bytes())).toEqual({ ok: false, code: 'COMMANDS_FULL' });
    it.gets({ kind: 'acks', applied: 2, covered: 1 });
    expect(it.engine.uncovered).toBe(1);
    expect(it.engine.applied).toBe(2);
    expect(it.engine.send(1, bytes())).toEqual({ ok: true, seq: 3 });
    expect(it.engine.send(1, new Uint8Array(16_385))).toEqual({ ok: false, code: 'MESSAGE_TOO_BIG' });
  });
});

describe('what is in sight', () => {
  check(
    'enters, changes and leaves, and is silent otherwise',
    (it) => {
      it.joins();
      it.took();
      it.gets(stateFrame(1, 8, 1));
      it.gets(viewFrame(1, 1, [{ entity: 7 }, { entity: 8, x: 5 }]));
      it.gets(stateFrame(2, 8, 1));
      it.gets(stateFrame(3, 7, 2));
      it.gets(viewFrame(1, 2, [{ entity: 7, x: 1 }, { entity: 8 }]));
      expect(it.engine.entities.get(7)?.x).toBe(1);
      it.gets(stateFrame(4, 8, 3));
      it.gets(viewFrame(1, 3, [{ entity: 7 }, { entity: 7 }]));
    },
    ['entered 7', 'entered 8 1', 'view 1', 'changed 7 2', 'view 2', 'changed 8 3', 'left 8', 'view 3'],
  );
  check(
    'crosses a border with the gap between two owners measured, whichever news comes first',
    (it) => {
      it.joins();
      it.gets(viewFrame(1, 1, [{ entity: 7 }]));
      it.now = 50;
      it.gets({ kind: 'notice', notice: 'region', region: 'beta', epoch: 2, message: '' });
      it.now = 80;
      it.gets(viewFrame(2, 2, [{ entity: 7 }]));
      it.gets(viewFrame(1, 2, [{ entity: 7 }])); // the former owner, late
      it.now = 120;
      it.gets(viewFrame(3, 3, [{ entity: 7 }]));
      it.gets({ kind: 'notice', notice: 'region', region: 'alpha', epoch: 3, message: '' });
      expect(it.took().filter((line) => line.startsWith('crossed'))).toEqual([
        'crossed alpha → beta gap 80',
        'crossed beta → alpha gap 40',
      ]);
      expect(it.engine.gaps).toEqual({ views: 3, maxMs: 80, crossings: 2, crossingMaxMs: 80, stale: 1 });
      expect(it.engine.region).toBe('alpha');
    },
    [],
  );
  check(
    'is forgotten when the session is a new one',
    (it) => {
      it.joins();
      it.gets(viewFrame(9, 1, [{ entity: 7 }]));
      it.engine.closed(REFUSED, 10);
      it.now = 10;
      it.passes(0);
      it.took();
      it.joins({ session: 's2' });
      it.gets(viewFrame(2, 1, [{ entity: 7 }]));
    },
    [
      'send hello resume=r1 received=0',
      'left 7',
      'status online',
      'welcome s2 resumed=false after 0',
      'send ack 0',
      'entered 7',
      'view 1',
    ],
  );
});

test('leaving says bye and asks for nothing more', () => {
  const it = story();
  it.joins();
  it.took();
  it.engine.stop(1);
  expect(it.took()).toEqual(['send ack 0', 'send bye', 'close 1000', 'status closed']);
  expect(it.engine.dueMs).toBe(Number.POSITIVE_INFINITY);
  it.engine.closed(1000, 2);
  it.engine.fromGateway(new Uint8Array([0x85, 0, 0, 0, 0]), 3);
  expect(it.took()).toEqual([]);
});

test('a welcome of another version is refused with its reason', () => {
  const it = story();
  it.joins(welcomeOf({ version: 9 }));
  expect(it.took().at(-1)).toBe('status closed VERSION_UNKNOWN');
});
