import { memoryStore } from '@horizon-atlas/adapter-memory';
import { Prng } from '@horizon-atlas/base';
import type { Store } from '@horizon-atlas/ports';
import { keys } from '@horizon-atlas/protocol';
import { noProbe, systemClock } from '@horizon-atlas/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decision, type Ledger, MINT, type Move, makeLedger, SINK } from './index.ts';

const clock = systemClock();
let ids = 0;

type Words = `${string} -${number}-> ${string}`;

/** `a -5-> b`: five gold from a to b. */
function moves(...words: Words[]): Move[] {
  return words.map((text) => {
    const [, from = '', amount, to = ''] = /^(.*) -(.+)-> (.*)$/.exec(text) ?? [];
    return { from, to, item: 'gold', amount: Number(amount) };
  });
}

interface Story {
  readonly given?: Words[];
  readonly when: Move[];
  readonly answer: string;
  readonly have?: Record<string, number>;
}

async function check({ given = [], when, answer, have = {} }: Story): Promise<void> {
  const ledger = makeLedger({ clock, store: memoryStore() });
  for (const words of given) expect(await ledger.transfer({ id: `given-${ids++}`, moves: moves(words) })).toEqual(done);
  const id = `when-${ids++}`;
  const decision = await ledger.transfer({ id, moves: when });
  expect(decision.code || 'OK').toBe(answer);
  expect(decision.ok).toBe(answer === 'OK');
  expect(await ledger.transfer({ id, moves: when }), 'asked again').toEqual(decision);
  for (const [holder, amount] of Object.entries(have)) expect([holder, await gold(ledger, holder)]).toEqual([holder, amount]);
}

const done: Decision = { ok: true, code: '' };

async function gold(ledger: Ledger, holder: string): Promise<number> {
  return (await ledger.balances(holder)).find(({ item }) => item === 'gold')?.amount ?? 0;
}

describe('a transfer', () => {
  const given: Words[] = ['mint -10-> a', 'mint -3-> b'];

  it('moves what the holder has', () => check({ given, when: moves('a -4-> b'), answer: 'OK', have: { a: 6, b: 7 } }));

  it('may move everything', () => check({ given, when: moves('a -10-> b'), answer: 'OK', have: { a: 0, b: 13 } }));

  it('does not move more than the holder has', () =>
    check({ given, when: moves('a -11-> b'), answer: 'TRANSFER_INSUFFICIENT', have: { a: 10, b: 3 } }));

  it('happens whole or not at all', () =>
    check({ given, when: moves('a -4-> c', 'b -4-> c'), answer: 'TRANSFER_INSUFFICIENT', have: { a: 10, b: 3, c: 0 } }));

  it('happens at once: what comes in may go out, in any order', () =>
    check({ given, when: moves('b -8-> c', 'a -5-> b'), answer: 'OK', have: { a: 5, b: 0, c: 8 } }));

  it('adds several moves of one holder up', () =>
    check({ given, when: moves('a -6-> b', 'a -6-> c'), answer: 'TRANSFER_INSUFFICIENT', have: { a: 10 } }));

  it('may take things out of the world', () =>
    check({ given, when: moves('a -4-> sink'), answer: 'OK', have: { a: 6, sink: 0 } }));

  it('keeps items apart', async () => {
    const when: Move[] = [{ from: 'a', to: 'b', item: 'silver', amount: 1 }];
    await check({ given, when, answer: 'TRANSFER_INSUFFICIENT', have: { a: 10, b: 3 } });
  });

  it('does not make more than can be counted', () =>
    check({ given, when: moves(`mint -${Number.MAX_SAFE_INTEGER}-> a`), answer: 'TRANSFER_TOO_MUCH', have: { a: 10 } }));

  it('keeps holders apart whose names have slashes', async () => {
    const ledger = makeLedger({ clock, store: memoryStore() });
    await ledger.transfer({ id: '1', moves: [{ from: MINT, to: 'a/b', item: 'c', amount: 1 }] });
    await ledger.transfer({ id: '2', moves: [{ from: MINT, to: 'a', item: 'b/c%', amount: 2 }] });
    expect(await ledger.balances('a/b')).toEqual([{ item: 'c', amount: 1 }]);
    expect(await ledger.balances('a')).toEqual([{ item: 'b/c%', amount: 2 }]);
  });
});

describe('a transfer that makes no sense', () => {
  const nonsense: readonly [what: string, when: Move[]][] = [
    ['no moves', []],
    ['a move of nothing', moves('a -0-> b')],
    ['a move of less than nothing', moves('a --5-> b')],
    ['a move of a part', moves('a -0.5-> b')],
    ['a move of what is no number', [{ from: 'a', to: 'b', item: 'gold', amount: Number.NaN }]],
    ['a move to oneself', moves('a -1-> a')],
    ['a move into the mint', moves(`a -1-> ${MINT}`)],
    ['a move out of the sink', moves(`${SINK} -1-> a`)],
    ['a move from nowhere to nowhere', moves(`${MINT} -1-> ${SINK}`)],
    ['a holder without a name', moves(' -1-> b')],
    ['a holder with a very long name', moves(`a -1-> ${'b'.repeat(129)}`)],
    ['a name that only its key makes too long', moves(`a -1-> ${'/'.repeat(128)}`).map((m) => ({ ...m, item: '/'.repeat(64) }))],
    ['65 moves', Array.from({ length: 65 }, () => moves('a -1-> b')).flat()],
  ];
  for (const [what, when] of nonsense) {
    it(`is refused, and stays so: ${what}`, () =>
      check({ given: ['mint -100-> a'], when, answer: 'TRANSFER_INVALID', have: { a: 100 } }));
  }

  it('is refused without a record where its id cannot be a key', async () => {
    const store = memoryStore();
    const ledger = makeLedger({ clock, store });
    for (const id of ['', 'x'.repeat(129), 'a/b', 'a\0', 'a\ud800']) {
      expect(await ledger.transfer({ id, moves: moves('mint -1-> a') })).toEqual({ ok: false, code: 'TRANSFER_INVALID' });
    }
    expect((await store.list('')).records).toEqual([]);
  });
});

describe('once', () => {
  it('takes effect once, however often and by whomever it is asked for', async () => {
    const store = memoryStore();
    const ledgers = [makeLedger({ clock, store }), makeLedger({ clock, store })];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (ledgers[i % 2] as Ledger).transfer({ id: 'one', moves: moves('mint -5-> a') })),
    );
    expect(answers).toEqual(answers.map(() => done));
    expect(await gold(ledgers[0] as Ledger, 'a')).toBe(5);
  });

  it('stays refused even when it would be possible now', async () => {
    const ledger = makeLedger({ clock, store: memoryStore() });
    const refused: Decision = { ok: false, code: 'TRANSFER_INSUFFICIENT' };
    expect(await ledger.transfer({ id: 'one', moves: moves('a -5-> b') })).toEqual(refused);
    await ledger.transfer({ id: 'two', moves: moves('mint -5-> a') });
    expect(await ledger.transfer({ id: 'one', moves: moves('a -5-> b') })).toEqual(refused);
    expect(await ledger.transfer({ id: 'three', moves: moves('a -5-> b') })).toEqual(done);
  });

  it('leaves no record of balances that are spent', async () => {
    const store = memoryStore();
    const ledger = makeLedger({ clock, store });
    await ledger.transfer({ id: 'one', moves: moves('mint -5-> a') });
    await ledger.transfer({ id: 'two', moves: moves('a -5-> sink') });
    expect((await store.list('balance/')).records).toEqual([]);
  });
});

describe('a store in trouble', () => {
  it('is no decision: the same id may be asked again', async () => {
    const store = memoryStore();
    let trouble: 'STORE_FULL' | 'STORE_UNAVAILABLE' | undefined = 'STORE_FULL';
    const troubled: Store = {
      ...store,
      transact: async (ops, conditions) =>
        trouble === undefined ? store.transact(ops, conditions) : { ok: false, code: trouble, message: 'trouble' },
    };
    const ledger = makeLedger({ clock, store: troubled });
    const ask = () => ledger.transfer({ id: 'one', moves: moves('mint -5-> a') });
    expect(await ask()).toEqual({ ok: false, code: 'STORE_FULL' });
    trouble = 'STORE_UNAVAILABLE';
    expect(await ask()).toEqual({ ok: false, code: 'STORE_UNAVAILABLE' });
    trouble = undefined;
    expect(await ask()).toEqual(done);
    expect(await gold(ledger, 'a')).toBe(5);
  });

  it('is asked again after a write of which nobody knows, and answers what was decided', async () => {
    const store = memoryStore();
    let lostAnswers = 1;
    const forgetful: Store = {
      ...store,
      transact: async (ops, conditions) => {
        const result = await store.transact(ops, conditions);
        return lostAnswers-- > 0 ? { ok: false, code: 'STORE_UNAVAILABLE', message: 'no answer' } : result;
      },
    };
    const ledger = makeLedger({ clock, store: forgetful });
    const ask = () => ledger.transfer({ id: 'one', moves: moves('mint -5-> a') });
    expect(await ask()).toEqual({ ok: false, code: 'STORE_UNAVAILABLE' });
    expect(await ask()).toEqual(done);
    expect(await gold(ledger, 'a')).toBe(5);
  });

  it('decides nothing on a balance that it cannot read', async () => {
    const store = memoryStore();
    const ledger = makeLedger({ clock, store });
    await store.transact([{ op: 'put', key: keys.balance('a', 'gold'), value: new Uint8Array([99]) }]);
    expect(await ledger.transfer({ id: 'one', moves: moves('mint -5-> a') })).toEqual({ ok: false, code: 'STORE_CORRUPT' });
  });

  it('gives up after a bounded number of tries against somebody who is always faster', async () => {
    const store = memoryStore();
    let tries = 0;
    const contended: Store = {
      ...store,
      transact: async () => {
        tries++;
        return { ok: false, code: 'STORE_CONFLICT', key: 'x' };
      },
    };
    const ledger = makeLedger({ clock, store: contended }, { triesMax: 7, pendingMax: 10 });
    expect(await ledger.transfer({ id: 'one', moves: moves('mint -5-> a') })).toEqual({ ok: false, code: 'STORE_CONFLICT' });
    expect(tries).toBe(7);
  });

  it('is not asked for more than it may have waiting', async () => {
    const ledger = makeLedger({ clock, store: memoryStore() }, { triesMax: 20, pendingMax: 3 });
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) => ledger.transfer({ id: `t${i}`, moves: moves('mint -1-> a') })),
    );
    expect(answers.map((a) => a.code || 'OK')).toEqual(['OK', 'OK', 'OK', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE']);
  });
});

/** Several ledgers that know nothing of one another, on one store that takes its time, with doubled requests. */
describe('whatever happens', () => {
  const HOLDERS = ['a', 'b', 'c'];
  const move = fc
    .record({
      from: fc.constantFrom(...HOLDERS, MINT),
      to: fc.constantFrom(...HOLDERS, SINK),
      amount: fc.integer({ min: 1, max: 9 }),
    })
    .filter(({ from, to }) => from !== to && !(from === MINT && to === SINK))
    .map((m): Move => ({ ...m, item: 'gold' }));
  const transfers = fc.array(fc.array(move, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 10 });
  /** Which transfer is asked for, at which ledger. */
  const requests = fc.array(fc.record({ id: fc.nat(9), by: fc.nat(2) }), { minLength: 10, maxLength: 30 });

  it('keeps the sums, decides each id once, and lets nobody owe', async () => {
    let conflicts = 0;
    const codes = new Set<string>();
    const probe = { ...noProbe, count: (name: string) => name === 'atlas_ledger_conflicts_total' && conflicts++ };
    await fc.assert(
      fc.asyncProperty(transfers, requests, fc.nat(), async (contents, asked, seed) => {
        const store = slowly(memoryStore(), new Prng(seed));
        const ledgers = HOLDERS.map(() => makeLedger({ clock, store, probe }, { triesMax: 1_000, pendingMax: 1_000 }));
        const [first] = ledgers as [Ledger];
        for (const holder of HOLDERS) await first.transfer({ id: `given-${holder}`, moves: moves(`mint -5-> ${holder}`) });
        const answers = await Promise.all(
          asked.map(async ({ id, by }) => {
            const n = id % contents.length;
            return { n, ...(await (ledgers[by] as Ledger).transfer({ id: `t${n}`, moves: contents[n] ?? [] })) };
          }),
        );

        const wanted = new Map(HOLDERS.map((holder) => [holder, 5]));
        const add = (holder: string, amount: number) =>
          wanted.has(holder) && wanted.set(holder, (wanted.get(holder) ?? 0) + amount);
        for (const n of new Set(answers.map((answer) => answer.n))) {
          const told = new Set(answers.filter((answer) => answer.n === n).map((answer) => answer.code || 'OK'));
          expect(told.size, `answers to one transfer: ${[...told]}`).toBe(1);
          for (const code of told) codes.add(code);
          if (!told.has('OK')) continue;
          for (const { from, to, amount } of contents[n] ?? []) {
            add(from, -amount);
            add(to, amount);
          }
        }
        // What came out of the mint and did not go down the sink is with the holders, to the piece.
        for (const [holder, amount] of wanted) expect([holder, await gold(first, holder)]).toEqual([holder, amount]);
      }),
      { numRuns: 60 },
    );
    // The test has teeth only if there was something to decide, and somebody was faster now and then.
    expect(codes).toEqual(new Set(['OK', 'TRANSFER_INSUFFICIENT']));
    expect(conflicts).toBeGreaterThan(100);
  });
});

/** Reads take some turns of the loop, so that what was read may be old when it is used. */
function slowly(store: Store, prng: Prng): Store {
  return {
    ...store,
    get: async (key) => {
      for (let turns = prng.below(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      return store.get(key);
    },
  };
}
