import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkGame, type GameInput } from '../index.ts';
import type { GameDefinition } from './definition-schema.ts';
import { Drowsiness } from './drowsiness.ts';
import { LineReader, lineLimits } from './line-reader.ts';
import { patternComplaint } from './log-pattern.ts';
import { LogWords } from './log-words.ts';
import { PlayerBook } from './player-book.ts';
import { Pulse } from './pulse.ts';
import { Readiness } from './readiness.ts';

function game(more: Partial<GameInput>): GameDefinition {
  const checked = checkGame({ name: 'Test', argv: ['server'], ports: { game: { protocol: 'udp' } }, ...more });
  if (!checked.ok) throw new Error(JSON.stringify(checked.complaints));
  return checked.definition;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a log', () => {
  it('becomes the same lines however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 })), fc.array(fc.nat(7)), (texts, cuts) => {
        const all = bytes(texts.map((text) => `${text.replaceAll('\n', '')}\n`).join(''));
        const whole = new LineReader().push(all);
        const reader = new LineReader();
        const lines: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          lines.push(...reader.push(all.subarray(at, at + cut)));
          at = Math.min(all.length, at + cut);
        }
        lines.push(...reader.push(all.subarray(at)));
        expect(lines).toEqual(whole);
      }),
    );
  });

  it('loses its colours, its marks of direction and its carriage returns', () => {
    const lines = new LineReader().push(bytes('\u001b[32mINFO\u001b[0m ready\r\n\u200e*** pilot has joined\n50 %\r100 %\n'));
    expect(lines).toEqual(['INFO ready', '*** pilot has joined', '100 %']);
  });

  it('is read as Latin-1 where it is no UTF-8, and never fails', () => {
    expect(new LineReader().push(Uint8Array.of(0x47, 0x72, 0xfc, 0xdf, 0x65, 10))).toEqual(['Grüße']);
    fc.assert(
      fc.property(fc.uint8Array(), (noise) => {
        for (const line of new LineReader().push(noise)) expect(line).not.toMatch(/\n/);
      }),
    );
  });

  it('cuts a line that never ends, and goes on with the next', () => {
    const reader = new LineReader();
    for (let i = 0; i < 100; i++) expect(reader.push(bytes('x'.repeat(1000)))).toEqual([]);
    const [long, next] = reader.push(bytes('\nnext\n'));
    expect(long).toHaveLength(lineLimits.lineChars);
    expect(next).toBe('next');
  });
});

describe('a pattern', () => {
  it('is refused where players could write a line that matches, or make it take for ever', () => {
    expect(patternComplaint('joined$')).toMatch(/begin with \^/);
    expect(patternComplaint('^ready|done')).toMatch(/alternative/);
    expect(patternComplaint('^(a+)+$')).toMatch(/repetition/);
    expect(patternComplaint('^(\\w+\\s*)*joined')).toMatch(/repetition/);
    expect(patternComplaint('^(unclosed')).toMatch(/./);
    expect(patternComplaint('^(?:ready|done)$')).toBeUndefined();
    expect(patternComplaint('^\\[(?<key>[a-z|]+)\\] (?<player>.+) joined$')).toBeUndefined();
  });
});

describe('what players write', () => {
  const words = new LogWords(
    game({
      ready: { any: [{ log: '^Server up$' }] },
      players: {
        ignore: ['^Player .+ \\[\\d+\\] -> '],
        join: '^Player (?<player>.+) \\[(?<key>\\d+)\\] has joined from \\S+$',
        leave: '^Player (?<player>.+) \\[(?<key>\\d+)\\] removed$',
      },
      health: { log: '^Fatal: ' },
    }),
  );

  it('is not read, whatever they chat', () => {
    expect(words.read('Player bot [0] has joined from 10.0.0.1')).toEqual([{ kind: 'join', player: 'bot', key: '0' }]);
    expect(words.read('Player bot [0] -> All: x [7] has joined from 10.0.0.1')).toEqual([]);
    expect(words.read('Player bot [0] -> All: Server up')).toEqual([]);
    expect(words.read('say Fatal: lost')).toEqual([]);
    expect(words.read('Server up')).toEqual([{ kind: 'ready', condition: 0 }]);
  });

  it('hides only him whose name is made to look like chat', () => {
    expect(words.read('Player a [0] -> All [3] has joined from 10.0.0.1')).toEqual([]);
  });
});

describe('players', () => {
  const count = (book: PlayerBook) => book.now().count;

  it('count at once by the log, and by a query that contradicts it twice', () => {
    const book = new PlayerBook(true, 8);
    book.joined('ann', '0');
    book.joined('bob', '1');
    expect(book.now()).toEqual({ count: 2, capacity: 8, names: ['ann', 'bob'] });
    // A query that was on its way while bob came.
    book.queried({ count: 1, capacity: 10, names: ['ann'] });
    expect(count(book)).toBe(2);
    book.queried({ count: 1, capacity: 10, names: ['ann'] });
    expect(book.now()).toEqual({ count: 1, capacity: 10, names: ['ann'] });
    // Whom the query named is known by name when the log says his key.
    book.left('ann', '0');
    expect(count(book)).toBe(0);
  });

  it('are right in number where a query knows no names', () => {
    const book = new PlayerBook(true, undefined);
    for (let i = 0; i < 2; i++) book.queried({ count: 3, capacity: undefined, names: undefined });
    expect(book.now()).toEqual({ count: 3, capacity: undefined, names: undefined });
    for (let i = 0; i < 2; i++) book.queried({ count: 0, capacity: undefined, names: undefined });
    expect(count(book)).toBe(0);
  });

  it('are the sessions of the edge where nobody else counts', () => {
    const book = new PlayerBook(false, undefined);
    expect(count(book)).toBeUndefined();
    expect(book.empty).toBeUndefined();
    book.edged(2);
    expect(count(book)).toBe(2);
  });

  it('are nobody only where every source says so', () => {
    const book = new PlayerBook(true, undefined);
    expect(book.empty).toBe(true);
    book.edged(1);
    expect(book.empty).toBe(false);
    book.edged(0);
    book.queried({ count: 1, capacity: undefined, names: undefined });
    expect(book.empty).toBe(false);
  });
});

describe('being ready', () => {
  it('takes all conditions in any order, or any one', () => {
    const conditions = [{ log: '^up$' }, { bound: 'game' }];
    const all = new Readiness(game({ ready: { all: conditions } }), 0);
    expect(all.met(1)).toBe('waiting');
    expect(all.missing()).toEqual([{ log: '^up$' }]);
    expect(all.met(0)).toBe('ready');
    const other = { log: '^listening$' };
    const any = new Readiness(game({ ready: { any: [{ log: '^up$' }, other] } }), 0);
    expect(any.missingText()).toBe('a line that matches ^up$ or a line that matches ^listening$ and that the port game is bound');
    expect(any.met(1)).toBe('waiting');
    expect(any.missing()).toEqual([{ bound: 'game' }]);
    expect(any.met(2)).toBe('ready');
  });

  it('is not what a line says as long as nobody listens on the game port, where that can be looked at', () => {
    const said = new Readiness(game({ ready: { all: [{ log: '^up$' }] } }), 0);
    expect(said.met(0)).toBe('waiting');
    expect(said.met(1)).toBe('ready');
    const unchecked = game({ ready: { all: [{ log: '^up$' }] }, ports: { game: { protocol: 'udp', check: false } } });
    expect(new Readiness(unchecked, 0).met(0)).toBe('ready');
  });

  it('is a bound game port where the definition says nothing, and too late after its time', () => {
    const silent = new Readiness(game({}), 1000);
    expect(silent.conditions).toEqual([{ bound: 'game' }]);
    expect(silent.tick(60_999)).toBe('waiting');
    expect(silent.tick(61_000)).toBe('late');
    // What comes too late changes nothing.
    expect(silent.met(0)).toBe('late');
  });
});

describe('health', () => {
  it('is lost by queries in a row, after the grace, and not by single ones', () => {
    const pulse = new Pulse(game({ health: { failures: 3, graceMs: 1000 } }), 0);
    for (const atMs of [100, 200, 300, 400]) pulse.unanswered('late', atMs);
    expect(pulse.hung(500)).toBeUndefined();
    pulse.unanswered('late', 1100);
    pulse.unanswered('late', 1200);
    pulse.answered();
    pulse.unanswered('late', 1300);
    expect(pulse.hung(1300)).toBeUndefined();
    pulse.unanswered('late', 1400);
    pulse.unanswered('no answer within 1000 ms', 1500);
    expect(pulse.hung(1500)).toBe('3 queries in a row were not answered (no answer within 1000 ms)');
  });

  it('is lost by silence, and begins anew when it wakes', () => {
    const pulse = new Pulse(game({ health: { silenceMs: 5000, graceMs: 0 } }), 0);
    pulse.printed(4000);
    expect(pulse.hung(8999)).toBeUndefined();
    expect(pulse.hung(9000)).toMatch(/printed nothing for 5 s/);
    pulse.woke(20_000);
    expect(pulse.hung(24_999)).toBeUndefined();
  });
});

describe('sleep', () => {
  it('comes when nobody has played for the whole time', () => {
    const drowsy = new Drowsiness(1000);
    drowsy.seen(true, 0);
    expect(drowsy.dueMs).toBe(1000);
    drowsy.seen(false, 900);
    expect(drowsy.dueMs).toBe(Number.POSITIVE_INFINITY);
    drowsy.seen(true, 950);
    expect(drowsy.dueMs).toBe(1950);
    drowsy.seen(undefined, 1000);
    expect(drowsy.dueMs).toBe(Number.POSITIVE_INFINITY);
  });
});
