/**
 * Load of match-end-to-end, in a process of its own: a game's backend that queues tickets over kept connections and hears of matches by one stream.
 * `closed`: each connection asks again at once. `open`: so many a second, whatever the answers take.
 */
import { Agent, request } from 'node:http';
import type { FormedMatch, Ticket } from '@horizon-atlas/matchmaker';
import { makeTickets } from './tickets.ts';
import { violations } from './verifier.ts';

export interface CallerOrder {
  readonly url: string;
  readonly token: string;
  readonly kind: 'closed' | 'open';
  readonly connections: number;
  readonly perS: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface CallerReport {
  readonly acknowledged: number;
  readonly refused: number;
  readonly matched: number;
  /** Over the time in which tickets were sent. */
  readonly ticketsPerS: number;
  /** From the request of a match's last ticket to its push, ms; of each match. */
  readonly pushMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly violations: readonly string[];
}

const order = JSON.parse(process.argv[2] ?? '{}') as CallerOrder;
const { url, token, kind, connections, perS, seconds, seed } = order;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const target = new URL(url);
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const tickets = makeTickets(Math.ceil(seconds * Math.max(perS, 6_000)), seed, 1);
/** By id: when it was asked for, and what it was. */
const sent = new Map<string, { readonly atMs: number; readonly ticket: Ticket }>();
const matches = new Map<string, { readonly atMs: number; readonly match: FormedMatch; readonly createdAtMs: number }>();
let [acknowledged, refused, next] = [0, 0, 0];

function create(done: () => void): void {
  const ticket = tickets[next++];
  if (!ticket) return done();
  const atMs = performance.now();
  const asked = request(
    { agent, host: target.hostname, port: target.port, method: 'POST', path: '/api/v1/matchmaking/tickets', headers },
    (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => {
        if (answer.statusCode === 201) {
          const { id, createdAtMs } = JSON.parse(text) as { id: string; createdAtMs: number };
          sent.set(id, { atMs, ticket: { ...ticket, id, createdMs: createdAtMs } });
          acknowledged++;
        } else refused++;
        done();
      });
    },
  );
  asked.on('error', () => {
    refused++;
    done();
  });
  const players = ticket.players.map(({ id, attributes, latencyMs }) => ({ id: `${seed}-${id}`, attributes, latencyMs }));
  asked.end(JSON.stringify({ queue: 'four', players }));
}

interface Told {
  readonly id: string;
  readonly stage: string;
  readonly place: string;
  readonly level: number;
  readonly createdAtMs: number;
  readonly teams: readonly { readonly name: string; readonly players: readonly { readonly ticket: string }[] }[];
}

/** Matches as they are pushed. */
async function listen(): Promise<void> {
  const answer = await fetch(`${url}/api/v1/matchmaking/watch`, { headers });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  void (async () => {
    for (;;) {
      const chunk = await reader?.read().catch(() => undefined);
      if (!chunk || chunk.done) return;
      const atMs = performance.now();
      text += chunk.value;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        if (!block.startsWith('event: match\n')) continue;
        const told = JSON.parse(block.slice(block.indexOf('data: ') + 6)) as Told;
        if (told.stage === 'active' && !matches.has(told.id))
          matches.set(told.id, { atMs, createdAtMs: told.createdAtMs, match: formed(told) });
      }
    }
  })();
}

function formed({ place, level, teams }: Told): FormedMatch {
  const ticketsOf = (players: Told['teams'][0]['players']) =>
    [...new Set(players.map((player) => player.ticket))].map((id) => ({ id }) as Ticket);
  return { place, level, teams: teams.map(({ name, players }) => ({ name, tickets: ticketsOf(players) })) };
}

async function load(): Promise<number> {
  const startMs = performance.now();
  const endMs = startMs + 1000 * seconds;
  if (kind === 'closed') {
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (performance.now() < endMs) await new Promise<void>(create);
      }),
    );
  } else {
    let [open, due] = [0, 0];
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const nowMs = performance.now();
        for (const until = Math.floor(((Math.min(nowMs, endMs) - startMs) / 1000) * perS); due < until; due++) {
          open++;
          create(() => {
            open--;
          });
        }
        if (nowMs < endMs || open > 0) return;
        clearInterval(timer);
        resolve();
      }, 2);
    });
  }
  return (Math.min(performance.now(), endMs) - startMs) / 1000;
}

await listen();
const tookS = await load();
// What is possible is pushed at once; the rest waits for others.
await new Promise((resolve) => setTimeout(resolve, 1_000));
const known = new Map([...sent].map(([id, { ticket }]) => [id, ticket]));
// One with a ticket of the load before is judged by nobody: that one knows its tickets no more.
const own = [...matches.values()].filter(({ match }) =>
  match.teams.every((team) => team.tickets.every(({ id }) => known.has(id))),
);
const whole = own.map(({ match, ...rest }) => ({
  ...rest,
  match: {
    ...match,
    teams: match.teams.map((team) => ({ ...team, tickets: team.tickets.flatMap(({ id }) => known.get(id) ?? []) })),
  },
}));
const push = whole
  .map(
    ({ atMs, match }) => atMs - Math.max(...match.teams.flatMap((team) => team.tickets.map(({ id }) => sent.get(id)?.atMs ?? 0))),
  )
  .sort((a, b) => a - b);
const at = (share: number) => push[Math.min(push.length - 1, Math.floor(share * push.length))] ?? 0;
const report: CallerReport = {
  acknowledged,
  refused,
  matched: whole.reduce((sum, { match }) => sum + match.teams.reduce((n, team) => n + team.tickets.length, 0), 0),
  ticketsPerS: acknowledged / tookS,
  pushMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
  violations: violations(
    whole.map(({ match }) => match),
    known,
    Date.now(),
  ),
};
process.send?.(report);
process.exit(0);
