import { describe, expect, test } from 'vitest';
import { begin, beginActivating, beginReverting, requestsOf, step } from './handoff.ts';
import type { Frozen, Handoff, HandoffEnd, HandoffInput, HandoffRequest } from './handoff-states.ts';
import { defaultPolicy as policy } from './policy.ts';

const of = { group: 7, epoch: 10, source: 'a', target: 'b' };
const frozen: Frozen = { version: 3, state: new Uint8Array([1]), sessions: [{ session: 's', applied: 5 }] };

/** A number waits so many ms and ticks; a string is short for an input. */
type Word = number | HandoffInput | keyof typeof words;

const words = {
  approach: { kind: 'approach', etaMs: 500 },
  crossed: { kind: 'crossed', teleport: false },
  teleported: { kind: 'crossed', teleport: true },
  retreat: { kind: 'retreat' },
  targetReady: { kind: 'targetReady' },
  targetLost: { kind: 'targetLost' },
  sourceLost: { kind: 'sourceLost' },
  reserved: { kind: 'reserved', ok: true },
  full: { kind: 'reserved', ok: false },
  synced: { kind: 'synced', version: 2 },
  defer: { kind: 'defer', ms: 100 },
  frozen: { kind: 'frozen', frozen },
  committed: { kind: 'committed', newEpoch: 11 },
  refused: { kind: 'notCommitted', why: 'refused' },
  unsettled: { kind: 'notCommitted', why: 'unsettled' },
  moved: { kind: 'notCommitted', why: 'moved' },
  reverted: { kind: 'reverted', newEpoch: 12 },
  notReverted: { kind: 'notReverted', why: 'refused', newEpoch: 12 },
  revertUnsettled: { kind: 'notReverted', why: 'unsettled', newEpoch: 12 },
  revertMoved: { kind: 'notReverted', why: 'moved', newEpoch: 12 },
  activated: { kind: 'activated' },
  needState: { kind: 'needState' },
  released: { kind: 'released' },
  thawed: { kind: 'thawed' },
} as const satisfies Record<string, HandoffInput>;

interface Walk {
  readonly state: Handoff | HandoffEnd;
  /** What the last word led to. */
  readonly asks: readonly HandoffRequest[];
}

function walk(...story: Word[]): Walk {
  let nowMs = 1_000;
  let state: Handoff | HandoffEnd | undefined;
  let asks: readonly HandoffRequest[] = [];
  for (const word of story) {
    if (typeof word === 'number') nowMs += word;
    const input: HandoffInput = typeof word === 'number' ? { kind: 'tick' } : typeof word === 'string' ? words[word] : word;
    if (typeof state === 'string') throw new Error(`ended as ${state} before ${JSON.stringify(word)}`);
    if (!state) {
      if (input.kind !== 'approach' && input.kind !== 'crossed') throw new Error('a story begins with an approach or a crossing');
      ({ next: state, requests: asks } = begin(of, input, nowMs, policy));
    } else {
      ({ next: state, requests: asks } = step(state, input, nowMs, policy));
    }
  }
  if (!state) throw new Error('an empty story');
  return { state, asks };
}

function check(name: string, story: Word[], ends: string, ...asked: HandoffRequest['ask'][]): void {
  test(`${name} → ${ends}`, () => {
    const { state, asks } = walk(...story);
    expect(typeof state === 'string' ? state : state.phase).toBe(ends);
    expect(asks.map((each) => each.ask)).toEqual(asked);
  });
}

const preparing: Word[] = ['approach', 'targetReady'];
const syncing: Word[] = [...preparing, 'reserved'];
const freezing: Word[] = [...syncing, 'synced', 'crossed'];
const committing: Word[] = [...freezing, 'frozen'];
const activating: Word[] = [...committing, 'committed'];

describe('before the commit', () => {
  check('an approach wakes the target', ['approach'], 'predicted', 'wake');
  check('an awake target is asked for room', preparing, 'preparing', 'reserve');
  check('and again when the answer is lost', [...preparing, 100], 'preparing', 'reserve');
  check('room: the source sends its copy', syncing, 'syncing', 'prepare');
  check('and is asked again until it is in place', [...syncing, 100], 'syncing', 'prepare', 'reserve');
  check('no room: stay, ask later', [...preparing, 'full', 500], 'preparing');
  check('no room: asked again after a while', [...preparing, 'full', 'approach', 1_000], 'preparing', 'reserve');
  check('a wrong guess lapses', [...syncing, 'synced', 1_500], 'lapsed', 'cancel');
  check('who turns away is forgotten', [...syncing, 'retreat'], 'lapsed', 'cancel');
  check('a crossing waits for its copy', [...syncing, 'crossed'], 'syncing', 'prepare');
  check('but not for ever', [...syncing, 'crossed', 400], 'freezing', 'freeze');
  check('with a copy it freezes at once', freezing, 'freezing', 'freeze');
  check('a teleport does not wait for a copy', ['teleported', 'targetReady', 'reserved'], 'freezing', 'freeze');
  check('the target dies: nothing happened', [...syncing, 'targetLost'], 'predicted', 'cancel', 'wake');
  check('the source dies: its recovery has it', [...syncing, 'sourceLost'], 'lapsed', 'cancel');
});

describe('the freeze', () => {
  check('is asked again', [...freezing, 100], 'freezing', 'freeze');
  check('is put off under a lock', [...freezing, 'defer'], 'syncing');
  check('and asked again when the lock is over', [...freezing, 'defer', 100], 'freezing', 'freeze');
  check('but not for ever', [...freezing, { kind: 'defer', ms: 10_001 }], 'lapsed', 'cancel');
  check('put off, and then done by a doubled message', [...freezing, 'defer', 'frozen'], 'committing', 'commit');
  check('unanswered is not guessed at', [...freezing, 100, 100, 100], 'reverting', 'revert');
  check('the target dies', [...freezing, 'targetLost'], 'reverting', 'revert');
  check('the target has no room after all', [...freezing, 'full'], 'reverting', 'revert');
  check('the source dies', [...freezing, 'sourceLost'], 'moved', 'cancel');
  check('answered', committing, 'committing', 'commit');
  check('a source that froze for nobody', [...preparing, 'frozen'], 'reverting', 'revert');
});

describe('the commit', () => {
  check('written', activating, 'activating', 'activate', 'route');
  check('refused: back to the source', [...committing, 'refused'], 'reverting', 'revert');
  check('unknown: back to the source, behind a write of its own', [...committing, 'unsettled'], 'reverting', 'revert');
  check('the record is another: it is right', [...committing, 'moved'], 'moved', 'cancel');
  check('a repeated frozen changes nothing', [...committing, 'frozen', 10_000], 'committing');
  check('the target has died meanwhile', [...committing, 'targetLost', 'committed'], 'reverting', 'revert');
  check('both have', [...committing, 'targetLost', 'sourceLost', 'committed'], 'moved', 'route');
  check('the source has: forward', [...committing, 'sourceLost', 'committed'], 'activating', 'activate', 'route');
});

describe('after the commit', () => {
  check('activate is repeated', [...activating, 100], 'activating', 'activate');
  check('the target lacks the copy', [...activating, 'needState'], 'activating', 'activate');
  check('activated', [...activating, 'activated'], 'releasing', 'release');
  check('release is repeated', [...activating, 'activated', 100], 'releasing', 'release');
  check('released', [...activating, 'activated', 'released'], 'done');
  check('a silent source is asked for so long', [...activating, 'activated', 10_000], 'done');
  check('not activated in time: pull back', [...activating, 300], 'reverting', 'revert');
  check('the target dies: pull back', [...activating, 'targetLost'], 'reverting', 'revert');
  check('without the source there is no way back', [...activating, 'sourceLost', 300, 10_000], 'activating', 'activate');
  check('and its target dies, too', [...activating, 'sourceLost', 'targetLost'], 'moved');
  test('the state goes along only when the copy is missing', () => {
    expect(walk(...activating).asks[0]).toMatchObject({ ask: 'activate', withState: false, newEpoch: 11 });
    expect(walk(...activating, 'needState').asks[0]).toMatchObject({ ask: 'activate', withState: true });
    const teleport = walk('teleported', 'targetReady', 'reserved', 'frozen', 'committed');
    expect(teleport.asks[0]).toMatchObject({ ask: 'activate', withState: true });
  });
});

describe('the way back', () => {
  check('written: the source goes on', [...committing, 'refused', 'reverted'], 'thawing', 'thaw', 'route', 'cancel');
  check('told until it answers', [...committing, 'refused', 'reverted', 100], 'thawing', 'thaw');
  check('answered', [...committing, 'refused', 'reverted', 'thawed'], 'rolled-back');
  check('an activated target has to drop it', [...activating, 300, 'reverted'], 'thawing', 'thaw', 'drop', 'route', 'cancel');
  check(
    'a full disk does not keep a player frozen',
    [...committing, 'refused', 'notReverted'],
    'thawing',
    'thaw',
    'route',
    'cancel',
  );
  check('unless a commit may still be written', [...committing, 'unsettled', 'notReverted'], 'reverting');
  check('then it is written until it is certain', [...committing, 'unsettled', 'notReverted', 100], 'reverting', 'revert');
  check('nor once the record named the target', [...activating, 300, 'notReverted'], 'reverting');
  check('the late commit came first: forward', [...committing, 'unsettled', 'committed'], 'activating', 'activate', 'route');
  check('the source dies while it is written', [...committing, 'unsettled', 'sourceLost', 'reverted'], 'moved', 'cancel');
  check('the record is another', [...committing, 'refused', 'revertMoved'], 'moved', 'cancel');
  check('doubt is not forgotten', [...committing, 'refused', 'revertUnsettled', 100, 'notReverted'], 'reverting');
});

describe('a coordinator that was started anew', () => {
  test('tells the target, waits as long as it takes, and releases the source', () => {
    const { next } = beginActivating(of, 11, 0, policy);
    if (typeof next === 'string') throw new Error(next);
    const later = step(next, { kind: 'tick' }, 60_000, policy);
    expect(later.next).toMatchObject({ phase: 'activating', pullBack: false });
    expect(step(next, { kind: 'activated' }, 1, policy).next).toMatchObject({ phase: 'releasing' });
  });
  test('gives a frozen copy of unknown history a new epoch', () => {
    const { next, requests } = beginReverting(of, undefined, 'unexplained');
    expect(next).toMatchObject({ phase: 'reverting', doubt: false });
    expect(requests).toEqual([{ ask: 'revert', frozen: undefined }]);
  });
});

test('what a state asks, it asks of itself: a repeated request is the same as the first', () => {
  for (const story of [preparing, freezing, activating, [...activating, 'activated'] as Word[]]) {
    const { state, asks } = walk(...story);
    if (typeof state === 'string') throw new Error(state);
    expect(asks).toEqual(expect.arrayContaining([...requestsOf(state)]));
  }
});
