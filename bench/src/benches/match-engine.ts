/** What it costs to form matches from a pool of 100,000 tickets, whether they keep the rules, and how close they are to the best possible ones. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readRuleSet, SlotQueue, type Ticket } from '@horizon-atlas/matchmaker';
import type { Bench } from '../bench.ts';
import { improve, meanSpread } from '../match/solver.ts';
import { makeTickets, ruleSet } from '../match/tickets.ts';
import { violations } from '../match/verifier.ts';

const POOL = 100_000;
const SAMPLE = 500;
const SAMPLES = 8;
/** Tickets have waited up to so long: some are past the expansion, some are not. */
const OLDEST_MS = 20_000;

export const matchEngine: Bench = {
  about: 'forming 4 against 4 from 100k tickets: parties, skill that expands, a common place; against an offline solver',
  method: [
    `A pool of ${POOL} tickets, 30 % of them parties of 2 to 4; skill at most 100 from the mean, 300 after 15 s; a place within 80 ms of all. CPU seconds`,
    `cover taking the tickets in and forming, in the engine that the matchmaker runs (who waits twice is seen to before, in match-end-to-end). An independent verifier checks every match. The solver improves ${SAMPLES} samples of ${SAMPLE} tickets.`,
  ].join('\n'),
  runs: 5,
  async run(ctx) {
    const count = ctx.quick ? 2_000 : POOL;
    const read = readRuleSet(ruleSet);
    if (!read.ok) throw new Error(JSON.stringify(read.complaints));
    // The first pools warm the code up, as it is in a matchmaker that runs, and are not counted.
    const warming = ctx.quick ? 0 : ctx.run === 1 ? 4 : 1;
    for (let i = 0; i < warming; i++)
      formAll(new SlotQueue(read.ruleSet), makeTickets(count, 1000 * (i + 1) + ctx.run, OLDEST_MS));
    const tickets = makeTickets(count, ctx.run, OLDEST_MS);
    // What making them has left behind is nobody's but the bench's.
    collectGarbage();
    const queue = new SlotQueue(read.ruleSet);
    const { matches, addS, formS } = formAll(queue, tickets);
    const matched = matches.reduce((sum, { teams }) => sum + teams.reduce((n, team) => n + team.tickets.length, 0), 0);
    const broken = violations(matches, new Map(tickets.map((ticket) => [ticket.id, ticket])), 0);
    for (const text of broken.slice(0, 5)) ctx.log(text);
    const ratio = ctx.quick ? 1 : quality(read.ruleSet, ctx.run);
    return {
      figures: {
        'tickets a CPU-second': count / (addS + formS),
        'of that taking them in, CPU ns a ticket': (1e9 * addS) / count,
        'and forming, CPU ns a ticket': (1e9 * formS) / count,
        'matched, share of tickets': matched / count,
        'mean spread of skill in a match': meanSpread(matches.map(({ teams }) => teams.flatMap((team) => team.tickets))),
        [`mean spread of ${SAMPLE} tickets, of the solver's`]: ratio,
      },
      bars: [
        { name: 'violations of rules', value: broken.length, limit: 0, judge: 'worst' },
        ...(ctx.quick
          ? []
          : [
              { name: 'tickets a CPU-second', value: count / (addS + formS), limit: 300_000, must: 'at-least' as const },
              { name: "mean spread, of the offline solver's", value: ratio, limit: 1.15 },
            ]),
      ],
    };
  },
};

function formAll(queue: SlotQueue, tickets: readonly Ticket[]) {
  const [start, addStart] = [0, process.cpuUsage()];
  for (const ticket of tickets) {
    const admission = queue.add(ticket);
    if (!admission.ok) throw new Error(admission.message);
  }
  const addS = cpuS(addStart);
  const formStart = process.cpuUsage();
  const matches = queue.form(start);
  return { matches, addS, formS: cpuS(formStart) };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function cpuS(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** How much wider our matches are than the solver's, over several small pools. */
function quality(rules: ConstructorParameters<typeof SlotQueue>[0], run: number): number {
  let [ours, best] = [0, 0];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const seed = 100 * run + sample;
    const { matches } = formAll(new SlotQueue(rules), makeTickets(SAMPLE, seed, OLDEST_MS));
    ours += meanSpread(matches.map(({ teams }) => teams.flatMap((team) => team.tickets)));
    best += meanSpread(improve(matches, 0, seed));
  }
  return ours / best;
}
