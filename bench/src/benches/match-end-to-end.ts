/** From a ticket by HTTP to a match on a reserved server that is pushed back, durable on the way: how many a second, and how fast once a match exists. */
import type { Bench, BenchContext } from '../bench.ts';
import type { CallerOrder, CallerReport } from '../match/callers.ts';

const TOKEN = 'bench-token-bench-token-bench';

export const matchEndToEnd: Bench = {
  about: 'HTTP ticket → match → reserved server → pushed: tickets a second, and milliseconds once a match exists',
  method: [
    'One process with the API, the matchmaker and SQLite (fsync before each answer); a load process queues 4-against-4 tickets, 30 % of them parties, over 128 kept',
    'connections and hears of matches by one event stream. Saturated: each connection asks again at once. Paced: 500 a second, open loop. The time is from the request',
    'of a match’s last ticket to the push of its success, which is durable and has everybody’s address and signed join token. Servers are reserved in memory. The load is',
    'raw sockets with requests that were made before; its share of the CPU is told. An independent verifier checks every match, and that no ticket is in two.',
  ].join('\n'),
  async run(ctx) {
    const seconds = ctx.quick ? 2 : 8;
    const house = ctx.fork(new URL('../match/house.ts', import.meta.url), [TOKEN]);
    const { url } = await house.message<{ url: string }>();
    const common = { url, token: TOKEN, connections: 128, seconds };
    // Warms the code up, and is not counted.
    if (!ctx.quick) await callers(ctx, { ...common, kind: 'closed', perS: 0, seed: 100 * ctx.run, seconds: 3 });
    const cpu = ctx.cpuOf(house.pid);
    const saturated = await callers(ctx, { ...common, kind: 'closed', perS: 0, seed: 100 * ctx.run + 1 });
    const cpuS = ctx.cpuOf(house.pid) - cpu;
    const paced = await callers(ctx, { ...common, kind: 'open', perS: ctx.quick ? 100 : 500, seed: 100 * ctx.run + 2 });
    house.send('stop' as never);
    await house.exited;
    const broken = [...saturated.violations, ...paced.violations];
    for (const text of broken.slice(0, 5)) ctx.log(text);
    const either = (of: (report: CallerReport) => number) => of(saturated) + of(paced);
    const perTicket = (seconds: number) => (1000 * seconds) / Math.max(1, saturated.acknowledged);
    return {
      figures: {
        'tickets a second, saturated': saturated.ticketsPerS,
        'matched of them, share': saturated.matched / Math.max(1, saturated.acknowledged),
        'CPU ms a ticket, API and matchmaker': perTicket(cpuS),
        'CPU ms a ticket, the load itself': perTicket(saturated.cpuS),
        'push ms p99, saturated': saturated.pushMs.p99,
        'push ms p50, 500/s': paced.pushMs.p50,
        'push ms p99, 500/s': paced.pushMs.p99,
      },
      bars: [
        { name: 'violations of rules, and tickets in two matches', value: broken.length, limit: 0, judge: 'worst' },
        { name: 'tickets refused', value: either(({ refused }) => refused), limit: 0, judge: 'worst' },
        {
          name: 'matches pushed without a seat for somebody',
          value: either(({ seatless }) => seatless),
          limit: 0,
          judge: 'worst',
        },
        { name: 'events left out of the stream', value: either(({ lost }) => lost), limit: 0, judge: 'worst' },
        ...(ctx.quick
          ? []
          : [
              { name: 'tickets a second', value: saturated.ticketsPerS, limit: 2_000, must: 'at-least' as const },
              { name: 'push ms p99 at 500/s', value: paced.pushMs.p99, limit: 150 },
            ]),
      ],
    };
  },
};

function callers(ctx: BenchContext, order: CallerOrder): Promise<CallerReport> {
  return ctx.fork(new URL('../match/callers.ts', import.meta.url), [JSON.stringify(order)]).message<CallerReport>(120_000);
}
