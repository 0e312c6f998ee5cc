import type { GameServerState, GameServerWord } from '@horizon-atlas/protocol';
import { describe, expect, it } from 'vitest';
import { born, dueOf, type GameServerInput, type GameServerLife, isInUse, step } from './game-server-life.ts';
import { defaultGameServerPolicy, type GameServerPolicy } from './policy.ts';

/** One game server, told in words. */
class Story {
  life: GameServerLife = born(0);
  nowMs = 0;
  readonly asked: string[] = [];
  end = '';
  readonly policy: GameServerPolicy;

  constructor(policy: Partial<GameServerPolicy> = {}) {
    this.policy = { ...defaultGameServerPolicy, ...policy };
  }

  input(input: GameServerInput): boolean {
    const { next, requests, end, ok } = step(this.life, input, this.nowMs, this.policy);
    this.life = next;
    this.asked.push(...requests);
    this.end = end ?? this.end;
    return ok;
  }

  say(...words: GameServerWord['say'][]): this {
    for (const say of words) this.input({ kind: 'word', word: wordOf(say) });
    return this;
  }

  do(...inputs: (GameServerInput | GameServerInput['kind'])[]): this {
    for (const input of inputs) this.input(typeof input === 'string' ? (bare[input] as GameServerInput) : input);
    return this;
  }

  at(ms: number): this {
    this.nowMs = ms;
    while (dueOf(this.life, this.policy) <= ms) this.input({ kind: 'tick' });
    return this;
  }

  get told(): string {
    return [this.life.state, ...this.asked.splice(0), this.end].filter((each) => each !== '').join(' ');
  }
}

const bare: Partial<Record<GameServerInput['kind'], GameServerInput>> = {
  started: { kind: 'started', pid: 7 },
  failed: { kind: 'failed', message: 'no such file' },
  exited: { kind: 'exited', exitCode: 1 },
  linked: { kind: 'linked', pid: 7 },
  unlinked: { kind: 'unlinked' },
  granted: { kind: 'granted', requestId: 'r1' },
  given: { kind: 'given' },
  released: { kind: 'released', requestId: 'r1' },
  shutdown: { kind: 'shutdown', why: 'asked' },
  drain: { kind: 'drain', why: 'asked' },
  maintain: { kind: 'maintain', why: 'asked' },
  restore: { kind: 'restore', why: 'asked' },
  wake: { kind: 'wake' },
};

function wordOf(say: GameServerWord['say']): GameServerWord {
  if (say === 'reserve') return { say, forMs: 1000 };
  if (say === 'players') return { say, count: 1 };
  if (say === 'joined' || say === 'left') return { say, player: 'p1' };
  if (say === 'hung') return { say, why: 'no answer' };
  return { say } as GameServerWord;
}

const ready = (policy: Partial<GameServerPolicy> = {}) => new Story(policy).do('started').say('ready');
const given = (policy: Partial<GameServerPolicy> = {}) => ready(policy).do('granted');

describe('from the start to players', () => {
  it('comes up', () => {
    const story = new Story().do('started');
    expect(story.told).toBe('Starting');
    expect(story.say('warming').told).toBe('Warming');
    expect(story.say('ready').told).toBe('Ready');
  });
  it('warms up for as long as its policy says', () => {
    const story = ready({ warmUpMs: 500 });
    expect(story.told).toBe('Warming');
    expect(story.say('ready').at(499).told).toBe('Warming');
    expect(story.at(500).told).toBe('Ready');
  });
  it('is given away, told its session, and played', () => {
    const story = given();
    expect(story.told).toBe('Allocated');
    expect(story.do('given').told).toBe('Activating');
    expect(story.say('joined').told).toBe('Active');
  });
  it('is played without having been told: whoever speaks for it may not know of sessions', () => {
    expect(given().say('players').told).toBe('Active');
    expect(given().say('active').told).toBe('Active');
  });
  it('that ends itself with an exit code which its program calls no crash has not failed, once it was ready', () => {
    const exited = { kind: 'exited', exitCode: 42, clean: true } as const;
    expect(ready().do(exited).life).toMatchObject({ state: 'Shutdown', code: '', why: 'exit code 42, which is no crash' });
    expect(new Story().do('started').do(exited).life).toMatchObject({ state: 'Error', code: 'SERVER_CRASHED' });
    expect(ready().do({ kind: 'exited', exitCode: 42 }).life).toMatchObject({ state: 'Error', code: 'SERVER_CRASHED' });
  });
  it('is told why the host ended it', () => {
    const why = 'it used more than the 128 MB of memory that it may';
    expect(ready().do({ kind: 'exited', signal: 'SIGKILL', why }).life).toMatchObject({ state: 'Error', why });
  });
  it('ends after its session, or goes on', () => {
    expect(given().do('released').told).toBe('Shutdown stop');
    expect(given({ afterSession: 'reuse' }).do('released').told).toBe('Ready');
    expect(given().do({ kind: 'released', requestId: 'r1', again: true }).told).toBe('Ready');
  });
  it('cools down first', () => {
    const recycled = given({ coolDownMs: 100 }).do('released');
    expect(recycled.told).toBe('Draining');
    expect(recycled.at(100).told).toBe('Shutdown stop');
    const reused = given({ coolDownMs: 100, afterSession: 'reuse' }).do('released');
    expect(reused.told).toBe('Reserved');
    expect(reused.at(100).told).toBe('Ready');
  });
  it('holds several sessions, and ends after the last', () => {
    const story = given().do({ kind: 'granted', requestId: 'r2' }).say('active').do('released');
    expect(story.told).toBe('Active');
    expect(story.do({ kind: 'released', requestId: 'r2' }).told).toBe('Shutdown stop');
  });
  it('reserves itself for a while, and takes itself', () => {
    const story = ready().say('reserve');
    expect(story.told).toBe('Reserved');
    expect(story.at(1000).told).toBe('Ready');
    expect(story.say('allocate').told).toBe('Allocated');
    expect(isInUse(story.life)).toBe(true);
    expect(story.say('ready').told).toBe('Ready');
  });
});

describe('an end', () => {
  it('that was asked for is no crash, whatever the exit code', () => {
    expect(ready().do('shutdown', 'exited').told).toBe('Shutdown stop ended');
    expect(ready().say('shutdown').do('exited').told).toBe('Shutdown stop ended');
    expect(ready().do('drain', { kind: 'exited', signal: 'SIGSEGV' }).told).toBe('Shutdown stop ended');
  });
  it('that nobody asked for is one', () => {
    expect(ready().do('exited').told).toBe('Error crashed');
    expect(ready().do({ kind: 'exited', exitCode: 0 }).told).toBe('Error crashed');
    expect(given().do('exited').told).toBe('Error crashed');
  });
  it('with exit code 0 after a session is how match servers end', () => {
    expect(given().say('active').do({ kind: 'exited', exitCode: 0 }).told).toBe('Shutdown ended');
  });
  it('before it was ready is a start that failed, also with exit code 0', () => {
    expect(new Story().do('started', { kind: 'exited', exitCode: 0 }).told).toBe('Error failed');
    expect(new Story().do('failed').told).toBe('Error failed');
  });
});

describe('a hang', () => {
  it('is a link that is lost, and not dialled again in time', () => {
    const story = ready().do('linked', 'unlinked').at(399);
    expect(story.told).toBe('Ready');
    story.do('linked').at(5000);
    expect(story.told).toBe('Ready');
    story.do('unlinked').at(5400);
    expect(story.told).toBe('Unhealthy kill');
    expect(story.do({ kind: 'exited', signal: 'SIGKILL' }).told).toBe('Unhealthy crashed');
  });
  it('is silence of one that used to say that it is well; one that never said so may be silent', () => {
    expect(ready().at(1e9).told).toBe('Ready');
    const story = ready().say('health').at(14_999);
    expect(story.told).toBe('Ready');
    expect(story.at(15_000).told).toBe('Unhealthy kill');
  });
  it('is a start that takes too long', () => {
    const story = new Story({ startTimeoutMs: 1000 }).do('started').say('warming').at(1000);
    expect(story.told).toBe('Unhealthy kill');
    expect(story.life.code).toBe('SERVER_START_TIMEOUT');
  });
  it('is what whoever watches it says', () => {
    expect(ready().say('hung').told).toBe('Unhealthy kill');
  });
});

describe('operators', () => {
  it('drain: nobody new, and the end when it is empty', () => {
    const story = given().say('joined').do('drain');
    expect(story.told).toBe('Draining');
    story.do('released');
    expect(story.told).toBe('Draining');
    expect(story.say('left').told).toBe('Shutdown stop');
    expect(ready().do('drain').told).toBe('Shutdown stop');
  });
  it('maintain: at once where nobody has it, after its session otherwise; and give back', () => {
    const free = ready().do('maintain');
    expect(free.told).toBe('Maintaining');
    expect(free.do('restore').told).toBe('Ready');
    const used = given().do('maintain');
    expect(used.told).toBe('Allocated');
    expect(used.do('released').told).toBe('Maintaining');
  });
  it('shut it down, whoever has it', () => {
    expect(given().do('shutdown').told).toBe('Shutdown stop');
  });
});

describe('sleep', () => {
  it('stops its process, which is no end, and wakes by a start', () => {
    const story = ready().do({ kind: 'sleep', how: 'stopped' });
    expect(story.told).toBe('Sleeping stop');
    expect(story.do('exited').told).toBe('Sleeping');
    expect(story.do('wake').told).toBe('Scheduled start');
    expect(story.do('started').say('ready').told).toBe('Ready');
  });
  it('freezes it, and wakes at once', () => {
    const story = ready().do('linked', { kind: 'sleep', how: 'frozen' }, 'unlinked');
    expect(story.at(1e6).told).toBe('Sleeping freeze');
    expect(story.do('wake').told).toBe('Ready thaw');
    expect(story.do('linked', { kind: 'sleep', how: 'frozen' }, 'shutdown').told).toBe('Shutdown freeze thaw stop');
  });
  it('is not for one that somebody has', () => {
    expect(given().input({ kind: 'sleep', how: 'stopped' })).toBe(false);
  });
});

describe('age', () => {
  it('asks for a replacement at 0.9 of a lifetime, and ends it after that if nobody has it', () => {
    const story = ready({ maxLifetimeMs: 1000 }).at(899);
    expect(story.life.ageing).toBe(false);
    expect(story.at(900).life.ageing).toBe(true);
    expect(story.told).toBe('Ready');
    expect(story.at(1000).told).toBe('Shutdown stop');
  });
  it('ends no session', () => {
    const story = given({ maxLifetimeMs: 1000, afterSession: 'reuse' }).at(5000);
    expect(story.told).toBe('Allocated');
    expect(story.do('released').told).toBe('Shutdown stop');
  });
});

it('whatever happens, one that somebody has is asked to end by nobody but an operator, its own word, or a hang', () => {
  const kinds = Object.values(bare).filter(({ kind }) => kind !== 'shutdown' && kind !== 'released' && kind !== 'unlinked');
  const words: GameServerWord['say'][] = [
    'health',
    'ready',
    'allocate',
    'active',
    'draining',
    'players',
    'joined',
    'left',
    'reserve',
  ];
  let seed = 1;
  const next = (n: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % n;
  };
  for (let round = 0; round < 500; round++) {
    const story = given({ maxLifetimeMs: 50, coolDownMs: 5 });
    for (let i = 0; i < 30 && story.end === ''; i++) {
      const dice = next(3);
      if (dice === 0) story.say(words[next(words.length)] ?? 'health');
      else if (dice === 1) story.at(story.nowMs + next(20));
      else story.do(kinds[next(kinds.length)] ?? 'given');
      const held: GameServerState = story.life.state;
      if (isInUse(story.life)) expect(story.asked, `${held} ${story.life.why}`).toEqual([]);
      else break;
    }
  }
});

describe('what the simulator found', () => {
  it('a server that says that it drains, as it is stopped for its sleep, sleeps all the same', () => {
    const story = ready().do({ kind: 'sleep', how: 'stopped' });
    expect(story.told).toBe('Sleeping stop');
    expect(story.say('draining').told).toBe('Sleeping');
    expect(story.do('exited').told).toBe('Sleeping');
    expect(story.do('wake').told).toBe('Scheduled start');
  });
  it('a sleeper that is ended while its process is still on its way out ends with it', () => {
    const story = ready().do({ kind: 'sleep', how: 'stopped' }, 'shutdown');
    expect(story.told).toBe('Shutdown stop stop');
    expect(story.do('exited').told).toBe('Shutdown ended');
  });
  it('a frozen server that wakes has time to dial again, however long ago its link was lost', () => {
    const story = ready().do('linked', { kind: 'sleep', how: 'frozen' }, 'unlinked').at(60_000);
    expect(story.told).toBe('Sleeping freeze');
    story.do('wake').at(60_999);
    expect(story.told).toBe('Ready thaw');
    expect(story.at(61_000).told).toBe('Unhealthy kill');
  });
  it('a server that is taken out while its grant is being written is taken out after that session', () => {
    const story = ready({ afterSession: 'reuse' }).do('maintain', 'granted');
    expect(story.told).toBe('Allocated');
    expect(story.do('released').told).toBe('Maintaining');
  });
  it('a server that is taken out in its sleep is out when it wakes', () => {
    const story = ready().do({ kind: 'sleep', how: 'frozen' }, 'maintain', 'wake');
    expect(story.told).toBe('Maintaining freeze thaw');
  });
});
