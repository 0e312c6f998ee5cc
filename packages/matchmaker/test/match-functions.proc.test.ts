/** Match functions in their processes: good ones, and all kinds of bad ones. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '@horizon-atlas/adapter-memory';
import { seededEntropy, systemClock } from '@horizon-atlas/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { type Matchmaker, makeMatchmaker, type TicketView } from '../src/index.ts';
import { MatchFunctions } from '../src/match-functions.ts';
import { SmallFleet } from '../src/small-fleet.ts';
import { settingsOf } from './desk-story.ts';

/** Each begins a process or more, which takes seconds on a machine that is busy. */
const DEADLINE_MS = 150_000;
const folder = mkdtempSync(join(tmpdir(), 'match-functions-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** The module, and a function that calls it once. */
function moduleOf(text: string, timeoutMs = 60_000) {
  const file = join(folder, `function-${files++}.ts`);
  writeFileSync(file, text);
  const functions = new MatchFunctions(systemClock(), new Map([['duel', { file, timeoutMs }]]));
  const pool = { queue: 'duel', nowMs: 0, teams: [], tickets: [{ id: 'a', players: [], ageMs: 5, priority: 0 }], more: 0 };
  return { file, functions, call: (nowMs = 0) => functions.call('duel', { ...pool, nowMs }) };
}

async function answerOf(text: string, timeoutMs?: number) {
  const { functions, call, file } = moduleOf(text, timeoutMs);
  const answer = await call();
  await functions.close();
  return answer.ok ? answer.proposals : `${answer.code} ${answer.message.replace(`${file}: `, '')}`;
}

describe('a match function', { timeout: DEADLINE_MS }, () => {
  it('is given the pool and answers with proposals, also by a promise', async () => {
    expect(await answerOf('export default ({ tickets }) => [{ teams: { red: tickets.map(({ id }) => id) } }];')).toEqual([
      { teams: { red: ['a'] } },
    ]);
    expect(await answerOf('export default async () => [];')).toEqual([]);
  });

  it('keeps what it knows between calls', async () => {
    const { functions, call } = moduleOf('let calls = 0; export default () => [++calls];');
    expect([await call(), await call()]).toEqual([
      { ok: true, proposals: [1] },
      { ok: true, proposals: [2] },
    ]);
    await functions.close();
  });

  it('is called again after it threw, or answered with nonsense', async () => {
    const bad: readonly (readonly [string, string])[] = [
      ["throw new Error('no idea');", 'it threw Error: no idea'],
      ["return Promise.reject('a text');", 'it threw a text'],
      ["return 'all of them';", 'it answered with string, and not with a list of proposals'],
      ['return undefined;', 'it answered with undefined, and not with a list of proposals'],
      ['return [1, 2];', 'it answered with 2 proposals of 1 tickets'],
      ["return ['x'.repeat(5_000_000)];", 'it answered with 5000004 characters, 4194304 are read'],
      ['const a = []; a.push(a); return a;', 'it threw TypeError: Converting circular structure to JSON'],
    ];
    const acts = bad.map(([body]) => `() => { ${body} }`).join(', ');
    const { functions, call, file } = moduleOf(`const acts = [${acts}, () => []]; export default ({ nowMs }) => acts[nowMs]();`);
    for (const [i, [, why]] of bad.entries()) {
      const answer = await call(i);
      const [first] = answer.ok ? ['ok'] : answer.message.replace(`${file}: `, '').split('\n');
      expect(first).toBe(why);
    }
    expect(await call(bad.length)).toEqual({ ok: true, proposals: [] });
    await functions.close();
  });

  it.each([
    ['export const form = () => [];', 'it has no function as its default export'],
    ["import './nothing.ts'; export default () => [];", 'it cannot be loaded: Error: Cannot find module'],
    ["throw new Error('not today');", 'it cannot be loaded: Error: not today'],
    ['export default () => process.exit(3);', 'its thread ended with code 3'],
    [
      "export default () => { setTimeout(() => { throw new Error('late'); }); return new Promise(() => {}); };",
      'it failed with Error: late',
    ],
  ])('%s is told of', async (text, why) => expect(String(await answerOf(text))).toContain(`MATCH_FUNCTION_FAILED ${why}`));

  it.each(['for (;;);', 'return new Promise(() => {});', 'const all = []; for (;;) all.push(new Array(1000).fill({}));'])(
    'that does %s is ended, and called again in a new process',
    async (body) => {
      const { functions, call } = moduleOf(
        `export default ({ nowMs }) => { if (nowMs === 0) { ${body} } return [nowMs]; };`,
        4_000,
      );
      expect(await call(0)).toMatchObject({ ok: false, code: 'MATCH_FUNCTION_FAILED' });
      expect(await call(7)).toEqual({ ok: true, proposals: [7] });
      await functions.close();
    },
  );

  it('stops with Atlas, though it hangs', async () => {
    const { functions, call } = moduleOf('export default () => { for (;;); };');
    const answer = call();
    await functions.close();
    expect(await answer).toMatchObject({ ok: false, message: 'Atlas is stopping' });
  });
});

/** Pairs of whoever is there, in the order in which they are shown. */
const pairs = `
export default ({ tickets }) => tickets.flatMap(({ id }, i) => (i % 2 === 0 && tickets[i + 1] ? [{ teams: { red: [id], blue: [tickets[i + 1].id] } }] : []));
`;

/** A matchmaker with a queue \`own\` by the module, and the engine's \`duel\` beside it. */
async function house(text: string, timeoutMs: number) {
  const clock = systemClock();
  const fleet = new SmallFleet();
  const { file } = moduleOf(text);
  const plain = { ...settingsOf({}), rating: undefined, sites: [], recorded: false };
  const own = { ...plain, name: 'own', matchFunction: { everyMs: 20 }, functionSource: { file, timeoutMs } };
  const matchmaker = makeMatchmaker(
    {
      clock,
      store: memoryStore(),
      entropy: seededEntropy(1, clock),
      sessions: fleet,
      servers: fleet,
      address: () => '127.0.0.1:7000',
    },
    { queues: [plain, own], lobbies: [], waitMs: 1_000, leaseMs: 1_000 },
  );
  await matchmaker.start();
  return matchmaker;
}

async function ticketIn(matchmaker: Matchmaker, queue: string, id: string): Promise<Promise<TicketView>> {
  const made = await matchmaker.create({ queue, players: [{ id, attributes: {}, latencyMs: {} }] });
  if (!made.ok) throw new Error(made.message);
  const over = Promise.withResolvers<TicketView>();
  matchmaker.watchTicket(made.ticket.id, { seats: 'none' }, (view) => view.status === 'COMPLETED' && over.resolve(view));
  return over.promise;
}

/** Both, in one turn: a promise in a promise would be waited for one by one. */
const two = async (matchmaker: Matchmaker, queue: string, names: readonly string[]) => {
  const waits = names.map((name) => ticketIn(matchmaker, queue, name));
  return Promise.all(waits);
};

describe('a queue with a match function', { timeout: DEADLINE_MS }, () => {
  it('leads its matches to servers', async () => {
    const matchmaker = await house(pairs, 60_000);
    const [ann, bob] = await two(matchmaker, 'own', ['ann', 'bob']);
    expect(ann?.match).toBe(bob?.match);
    expect(matchmaker.match(ann?.match ?? '')).toMatchObject({ queue: 'own', stage: 'active', players: 2 });
    await matchmaker.stop();
  });

  it('goes on after a function that hung, threw and lied, and says what is wrong; the queue beside it notices nothing', async () => {
    const bad = `
let calls = 0;
${pairs.replace('export default', 'const good =')}
export default (pool) => {
  // After it hung it is another process, which knows nothing of it.
  if (pool.tickets.some(({ players }) => players[0].id === 'ann') && pool.tickets.length === 1) for (;;);
  calls++;
  if (calls === 1) throw new Error('first call');
  if (calls === 2) return [{ teams: { red: ['ticket_of_nobody'], blue: [pool.tickets[0].id] } }];
  return good(pool);
};`;
    const matchmaker = await house(bad, 500);
    const why = () => matchmaker.queues().find(({ name }) => name === 'own')?.why ?? '';
    const seen = new Set<string>();
    const ann = await matchmaker.create({ queue: 'own', players: [{ id: 'ann', attributes: {}, latencyMs: {} }] });
    expect(ann.ok).toBe(true);
    // The engine's queue forms its match while the function hangs.
    const [cid, dot] = await two(matchmaker, 'duel', ['cid', 'dot']);
    expect(cid?.match).toBe(dot?.match);
    await expect
      .poll(why, { timeout: DEADLINE_MS / 2 })
      .toMatch(/did not answer within 500 ms and was ended \(MATCH_FUNCTION_FAILED\)/);
    const bob = ticketIn(matchmaker, 'own', 'bob').then((matched) => matched);
    await expect
      .poll(
        () => {
          for (const [, text] of why().matchAll(/(first call|no ticket ticket_of_nobody)/g)) seen.add(text ?? '');
          return seen.size;
        },
        { timeout: DEADLINE_MS / 2, interval: 5 },
      )
      .toBe(2);
    expect((await bob).status).toBe('COMPLETED');
    expect(why()).toBe('');
    await matchmaker.stop();
  });
});
