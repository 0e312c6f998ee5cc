import { describe, expect, test } from 'vitest';
import { defaultPolicy as policy } from './policy.ts';
import { adopt, asleep, type RegionInput, type RegionLife, stepRegion } from './region-life.ts';

const words = {
  wake: { kind: 'wake' },
  quiet: { kind: 'quiet' },
  move: { kind: 'move' },
  server: { kind: 'server', server: 's1' },
  stored: { kind: 'stored', epoch: 5 },
  notStored: { kind: 'notStored' },
  loaded: { kind: 'loaded' },
  up: { kind: 'regionUp', epoch: 5 },
  oldUp: { kind: 'regionUp', epoch: 4 },
  refused: { kind: 'refused', epoch: 5 },
  slept: { kind: 'slept', epoch: 5 },
  oldSlept: { kind: 'slept', epoch: 4 },
  held: { kind: 'held', yes: true },
  notHeld: { kind: 'held', yes: false },
  lost: { kind: 'lost' },
} as const satisfies Record<string, RegionInput>;

type Word = keyof typeof words | number;

function check(name: string, from: RegionLife, story: readonly Word[], phase: RegionLife['phase'], ...asked: string[]): void {
  test(`${name} → ${phase}`, () => {
    let life = from;
    let asks: readonly { ask: string }[] = [];
    let nowMs = 0;
    for (const word of story) {
      if (typeof word === 'number') nowMs += word;
      const input: RegionInput = typeof word === 'number' ? { kind: 'tick' } : words[word];
      ({ next: life, requests: asks } = stepRegion(life, input, nowMs, policy));
    }
    expect(life.phase).toBe(phase);
    expect(asks.map((each) => each.ask)).toEqual(asked);
  });
}

const waking = ['wake', 'stored'] as const;
const assigning = [...waking, 'server', 'stored', 'loaded'] as const;
const active = [...assigning, 'up'] as const;
const draining = [...active, 'quiet'] as const;

describe('waking', () => {
  check('a new epoch first', asleep, ['wake'], 'claiming', 'claim');
  check('a second wish is the same wish', asleep, ['wake', 'wake'], 'claiming');
  check('the store refuses: later', asleep, ['wake', 'notStored', 100], 'claiming', 'claim');
  check('then a server', asleep, waking, 'waiting', 'findServer');
  check('which is looked for again', asleep, [...waking, 100], 'waiting', 'findServer');
  check('it is written down', asleep, [...waking, 'server'], 'binding', 'bind');
  check('then the state is read', asleep, [...waking, 'server', 'stored'], 'loading', 'load');
  check('and assigned', asleep, assigning, 'assigning', 'assign');
  check('again, until it is up', asleep, [...assigning, 100], 'assigning', 'assign');
  check('an older assignment’s answer is none', asleep, [...assigning, 'oldUp'], 'assigning');
  check('up', asleep, active, 'active');
});

describe('moving to another server', () => {
  const moving = [...active, 'move'] as const;
  check('after a last checkpoint of the one that has it', asleep, moving, 'draining', 'sleep');
  check('which is asked again', asleep, [...moving, 100], 'draining', 'sleep');
  check('to a new epoch, without ever falling asleep', asleep, [...moving, 'slept'], 'claiming', 'claim');
  check('an older last checkpoint is none', asleep, [...moving, 'oldSlept'], 'draining');
  check('its server dies meanwhile', asleep, [...moving, 'lost'], 'claiming', 'claim');
  check('and up at another', asleep, [...moving, 'slept', ...active.slice(1)], 'active');
  check('not before it is up at the first', asleep, [...assigning, 'move'], 'assigning');
});

describe('losing the server', () => {
  check('while its name is written', asleep, [...waking, 'server', 'lost'], 'claiming', 'claim');
  check('while loading', asleep, [...waking, 'server', 'stored', 'lost'], 'claiming', 'claim');
  check('while it loads', asleep, [...assigning, 'lost'], 'claiming', 'claim');
  check('it refuses', asleep, [...assigning, 'refused'], 'claiming', 'claim');
  check('it never gets ready', asleep, [...assigning, 5_000], 'claiming', 'claim');
  check('in play', asleep, [...active, 'lost'], 'claiming', 'claim');
  check('it came back without the region', asleep, [...active, 'notHeld'], 'claiming', 'claim');
  check('on the way to sleep', asleep, [...draining, 'lost'], 'claiming', 'claim');
});

describe('falling asleep', () => {
  check('asked', asleep, draining, 'draining', 'sleep');
  check('and again', asleep, [...draining, 100], 'draining', 'sleep');
  check('an old answer is none', asleep, [...draining, 'oldSlept'], 'draining');
  check('written down', asleep, [...draining, 'slept'], 'closing', 'close');
  check('asleep', asleep, [...draining, 'slept', 'stored'], 'asleep');
  check('wanted meanwhile', asleep, [...draining, 'wake', 'slept', 'stored'], 'claiming', 'claim');
  check('wanted at the last moment', asleep, [...draining, 'slept', 'wake', 'stored'], 'claiming', 'claim');
});

describe('a coordinator that was started anew', () => {
  const { next: adopting } = adopt('s1', 5, 1_500);
  check('its server holds it', adopting, ['held'], 'active');
  check('its server does not', adopting, ['notHeld'], 'claiming', 'claim');
  check('its server is silent', adopting, [1_500], 'claiming', 'claim');
  check('nobody had it', adopt('', 5, 1_500).next, [], 'claiming');
  check('its server gives it up, as the one before had asked', adopting, ['held', 'slept'], 'draining', 'sleep');
  check('and says so again', adopting, ['held', 'slept', 'slept'], 'claiming', 'claim');
  check('what it gave up before is not this', adopting, ['held', 'oldSlept'], 'active');
});
