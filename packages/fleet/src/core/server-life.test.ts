import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from './policy.ts';
import {
  adopted,
  aliveOf,
  dueOf,
  type LifeInput,
  type LifeRequest,
  type Run,
  runOf,
  type ServerLife,
  step,
  unborn,
} from './server-life.ts';

/**
 * Tells a story to one life. A word is an input or a pause (`+500`); the result is the phases it went through, with what was
 * asked for in parentheses.
 */
function story(words: string, from: ServerLife = unborn): { told: string; life: ServerLife } {
  let life = from;
  let nowMs = 1_000_000;
  let born = 0;
  const told: string[] = [];
  const feed = (input: LifeInput) => {
    const { next, requests } = step(life, input, nowMs, defaultPolicy);
    const asked = requests.map(({ ask, run }) => ` (${ask} ${run.server})`).join('');
    if (next.phase !== life.phase || asked !== '') told.push(next.phase + asked);
    life = next;
  };
  for (const word of words.split(' ')) {
    if (word.startsWith('+')) {
      const end = nowMs + Number(word.slice(1));
      while (dueOf(life) <= end) {
        nowMs = Math.max(nowMs, dueOf(life));
        feed({ kind: 'tick' });
      }
      nowMs = end;
    } else if (word === 'given') feed({ kind: 'given', run: run(`s${++born}`) });
    else feed(inputs[word] ?? { kind: 'tick' });
  }
  return { told: told.join(', '), life };
}

function run(server: string): Run {
  return { server, pid: 0, startedAtMs: 5, address: '', drained: false };
}

const inputs: Readonly<Record<string, LifeInput>> = {
  wanted: { kind: 'wanted' },
  unwanted: { kind: 'unwanted' },
  started: { kind: 'started', pid: 42 },
  failed: { kind: 'failed', message: 'no such program' },
  crashed: { kind: 'exited', signal: 'SIGSEGV' },
  exit0: { kind: 'exited', exitCode: 0 },
  up: { kind: 'up', pid: 42, address: 'unix:/a' },
  down: { kind: 'down' },
  drained: { kind: 'drained' },
  retired: { kind: 'retired' },
  robbed: { kind: 'swapped', theirs: undefined },
};

function check(words: string, told: string, from?: ServerLife): ServerLife {
  const result = story(words, from);
  expect(result.told).toBe(told);
  return result.life;
}

const alive = 'wanted given started up';
const born = 'scheduled, starting, ready';

describe('a server', () => {
  it('is replaced when an operator wants it, and that is no crash', () => {
    const life = check(`${alive} retired given started up`, `${born}, scheduled (stop s1), starting, ready`);
    expect(life.past).toMatchObject({ restarts: 0, trouble: undefined, crashesMs: [] });
    check('wanted given retired', 'scheduled, starting, scheduled (stop s1)');
    check(`${alive} unwanted retired`, `${born}, stopping (stop s1)`);
  });

  it('starts, is ready, and ends when nobody wants it', () => {
    const life = check(`${alive} unwanted exit0`, `${born}, stopping (stop s1), stopped`);
    expect(runOf(life)).toBeUndefined();
  });

  it('is not said to have crashed by an end that was asked for, whatever its exit code', () => {
    const life = check(`${alive} unwanted crashed`, `${born}, stopping (stop s1), stopped`);
    expect(life.past).toEqual(unborn.past);
  });

  it('is started again at once after its first crash', () => {
    const life = check(`${alive} crashed given`, `${born}, scheduled, starting`);
    expect(life.past).toMatchObject({ restarts: 1, trouble: { code: 'SERVER_CRASHED', message: 'ended by SIGSEGV' } });
    expect(runOf(life)?.server).toBe('s2');
  });

  it('waits longer before each further restart', () => {
    const again = 'given up crashed';
    check(
      `${alive} crashed ${again} +249 +1 ${again} +499 +1 ${again} +999 +1`,
      `${born}, scheduled, starting, ready, backoff, scheduled, starting, ready, backoff, scheduled, starting, ready, backoff, scheduled`,
    );
  });

  it('is left alone for a minute after five crashes in one, then tried again, and twice as long after five more', () => {
    const five = 'crashed given crashed +250 given crashed +500 given crashed +1000 given crashed';
    const loop =
      'scheduled, starting, backoff, scheduled, starting, backoff, scheduled, starting, backoff, scheduled, starting, error';
    const life = check(`wanted given ${five} +59999`, `scheduled, starting, ${loop}`);
    expect(life.past.trouble?.code).toBe('SERVER_CRASH_LOOP');
    expect(life.past.trouble?.message).toContain('5 crashes within 60000 ms, the last: ended by SIGSEGV');
    const second = check(`given ${five} +119999`, `starting, ${loop}`, { phase: 'scheduled', past: life.past });
    expect(second.phase).toBe('error');
  });

  it('is forgiven crashes that are long ago', () => {
    check(`${alive} crashed given up +60001 crashed`, `${born}, scheduled, starting, ready, scheduled`);
  });

  it('is ended when it does not get ready in time', () => {
    const life = check('wanted given started +9999 +1', 'scheduled, starting, scheduled (kill s1)');
    expect(life.past.trouble?.code).toBe('SERVER_START_TIMEOUT');
  });

  it('may lose its link for a moment', () => {
    const life = check(`${alive} down +399 up +1000`, `${born}, unhealthy, ready`);
    expect(life.past.restarts).toBe(0);
  });

  it('is ended and replaced when it stays silent', () => {
    const life = check(`${alive} down +400 given`, `${born}, unhealthy, scheduled (kill s1), starting`);
    expect(life.past.trouble?.code).toBe('SERVER_HUNG');
    expect(runOf(life)?.server).toBe('s2');
  });

  it('is replaced without blame when it has drained', () => {
    expect(check(`${alive} drained exit0`, `${born}, scheduled`).past).toEqual(unborn.past);
  });

  it('that ends by itself with exit code 0 has still left its players alone', () => {
    expect(check(`${alive} exit0`, `${born}, scheduled`).past.trouble?.message).toBe('ended with exit code 0');
  });

  it('that cannot be started at all is a failure with its reason', () => {
    const life = check('wanted given failed given failed', 'scheduled, starting, scheduled, starting, backoff');
    expect(life.past.trouble).toEqual({ code: 'SERVER_START_FAILED', message: 'no such program' });
  });

  it('wanted again while it ends is another process at once', () => {
    const life = check(`${alive} unwanted wanted given`, `${born}, stopping (stop s1), scheduled, starting`);
    expect(runOf(life)?.server).toBe('s2');
  });

  it('not wanted any more while it waits is forgotten', () => {
    check('wanted unwanted', 'scheduled, stopped');
    check('wanted given failed given failed unwanted', 'scheduled, starting, scheduled, starting, backoff, stopped');
  });
});

describe('a server that was running when Atlas started', () => {
  const found = () => adopted(run('old'), true, 3, 1_000_000, defaultPolicy);

  it('is ready once it has presented itself', () => {
    expect(check('+4999 up', 'ready', found()).past.restarts).toBe(3);
  });

  it('is ended when it does not', () => {
    check('+5000', 'scheduled (kill old)', found());
  });

  it('has crashed if it ends before', () => {
    check('crashed', 'scheduled', found());
  });
});

describe('a swap', () => {
  const theirs = aliveOf(story(alive).life);

  it('fills a post that waits, and keeps the past of each', () => {
    const { life } = story(`${alive} crashed given crashed`);
    expect(life.phase).toBe('backoff');
    const { next } = step(life, { kind: 'swapped', theirs }, 1_000_000, defaultPolicy);
    expect([next.phase, next.past]).toEqual(['ready', life.past]);
    check('robbed', 'scheduled', theirs);
  });

  it('does not end a pause for nothing', () => {
    const { life } = story('wanted given failed given failed');
    expect(step(life, { kind: 'swapped', theirs: undefined }, 1_000_000, defaultPolicy).next).toBe(life);
  });
});

describe('whatever happens', () => {
  const word = fc.constantFrom(...Object.keys(inputs), 'given', '+100', '+500', '+5000', '+70000');

  it('a process is never dropped without being asked to end, unless it ended by itself or has moved', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        let life: ServerLife = unborn;
        let nowMs = 0;
        let n = 0;
        for (const each of words) {
          if (each.startsWith('+')) nowMs += Number(each.slice(1));
          const input: LifeInput = each === 'given' ? { kind: 'given', run: run(`s${n++}`) } : (inputs[each] ?? { kind: 'tick' });
          const before = life;
          const result: { next: ServerLife; requests: readonly LifeRequest[] } = step(before, input, nowMs, defaultPolicy);
          life = result.next;
          const had = runOf(before)?.server;
          const asked = result.requests.some(({ run: { server } }) => server === had);
          const excused = ['exited', 'failed', 'swapped'].includes(input.kind) || before.phase === 'stopping';
          if (had !== undefined && runOf(life)?.server !== had) expect(asked || excused).toBe(true);
          expect(dueOf(life)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
