/**
 * Load of match-end-to-end, in a process of its own: a game's backend that queues tickets over kept connections and hears of matches by one stream.
 * `closed`: each connection asks again at once. `open`: so many a second, whatever the answers take. What it costs itself is told, too.
 */
import { get } from 'node:http';
import type { FormedMatch, Ticket } from '@horizon-atlas/matchmaker';
import { Lane, requestBytes } from './lane.ts';
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
  /** Matches whose push had no seat for somebody. */
  readonly seatless: number;
  /** Events that were left out because the load read too slowly. */
  readonly lost: number;
  readonly violations: readonly string[];
  /** What the load itself cost while tickets were sent. */
  readonly cpuS: number;
}

/** What the closed load could at most send, so that tickets are made before the clock runs. */
const mostPerS = 8_000;

const order = JSON.parse(process.argv[2] ?? '{}') as CallerOrder;
const { url, token, kind, connections, perS, seconds, seed } = order;
const target = new URL(url);
const headers = { host: target.host, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const tickets = makeTickets(Math.ceil(seconds * Math.max(perS, mostPerS)), seed, 1);
const requests = tickets.map(({ players }) => {
  const own = players.map(({ id, attributes, latencyMs }) => ({ id: `${seed}-${id}`, attributes, latencyMs }));
  return requestBytes('POST', '/api/v1/matchmaking/tickets', headers, JSON.stringify({ queue: 'four', players: own }));
});
/** By id: when it was asked for, and which it is. */
const sent = new Map<string, { readonly atMs: number; readonly which: number; readonly createdMs: number }>();
/** By match: when the push of its success came, and that push; and how the match was told. */
const pushed = new Map<string, { readonly atMs: number; readonly text: string }>();
const told = new Map<string, string>();
let [refused, next, lost] = [0, 0, 0];

function create(lane: Lane, done: () => void): void {
  const which = next++;
  const request = requests[which];
  if (!request) return done();
  const atMs = performance.now();
  lane.ask(request, (status, body) => {
    if (status !== 201) refused++;
    else {
      const { id, createdAtMs } = JSON.parse(body) as { id: string; createdAtMs: number };
      sent.set(id, { atMs, which, createdMs: createdAtMs });
    }
    done();
  });
}

/** Keeps what is pushed of matches that have their server, and reads it when the load is over. */
async function listen(): Promise<void> {
  const answer = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    get(`${url}/api/v1/matchmaking/watch`, { headers }, resolve).on('error', reject);
  });
  answer.setEncoding('utf8');
  let rest = '';
  answer.on('data', (chunk: string) => {
    const atMs = performance.now();
    const text = rest + chunk;
    let start = 0;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n', start)) {
      note(text.slice(start, end), atMs);
      start = end + 2;
    }
    rest = text.slice(start);
  });
}

function note(block: string, atMs: number): void {
  const data = block.slice(block.indexOf('data: ') + 6);
  if (block.startsWith('event: event\n')) {
    if (!data.startsWith('{"name":"MatchmakingSucceeded"')) return;
    const match = /"match":"([^"]+)"/.exec(data)?.[1] ?? '';
    if (!pushed.has(match)) pushed.set(match, { atMs, text: data });
  } else if (block.startsWith('event: match\n')) {
    if (!data.includes('"stage":"active"')) return;
    const match = /"id":"([^"]+)"/.exec(data)?.[1] ?? '';
    if (!told.has(match)) told.set(match, data);
  } else if (block.startsWith('event: lost\n')) lost += (JSON.parse(data) as { events: number }).events;
}

async function load(): Promise<number> {
  const lanes = await Promise.all(Array.from({ length: connections }, () => Lane.open(target.hostname, Number(target.port))));
  const startMs = performance.now();
  const endMs = startMs + 1000 * seconds;
  if (kind === 'closed') {
    await Promise.all(
      lanes.map(
        (lane) =>
          new Promise<void>((resolve) => {
            const again = () => (performance.now() < endMs ? create(lane, again) : resolve());
            again();
          }),
      ),
    );
  } else await paced(lanes, startMs, endMs);
  const tookS = (Math.min(performance.now(), endMs) - startMs) / 1000;
  return tookS;
}

function paced(lanes: readonly Lane[], startMs: number, endMs: number): Promise<void> {
  let [open, due] = [0, 0];
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const nowMs = performance.now();
      for (const until = Math.floor(((Math.min(nowMs, endMs) - startMs) / 1000) * perS); due < until; due++) {
        open++;
        create(lanes[due % lanes.length] as Lane, () => {
          open--;
        });
      }
      if (nowMs < endMs || open > 0) return;
      clearInterval(timer);
      resolve();
    }, 2);
  });
}

interface ToldMatch {
  readonly place: string;
  readonly level: number;
  readonly createdAtMs: number;
  readonly teams: readonly {
    readonly name: string;
    readonly players: readonly { readonly id: string; readonly ticket: string }[];
  }[];
}
interface Push {
  readonly tickets: readonly {
    readonly players: readonly string[];
    readonly placement: {
      readonly seats: readonly { readonly player: string; readonly address: string; readonly token: string }[];
    };
  }[];
}

function ticketOf(id: string): Ticket | undefined {
  const found = sent.get(id);
  return found && { ...(tickets[found.which] as Ticket), id, createdMs: found.createdMs };
}

function formed({ place, level, teams }: ToldMatch): FormedMatch {
  return {
    place,
    level,
    teams: teams.map(({ name, players }) => ({
      name,
      tickets: [...new Set(players.map(({ ticket }) => ticket))].flatMap((id) => ticketOf(id) ?? []),
    })),
  };
}

function seated({ tickets: own }: Push): boolean {
  return own.every(({ players, placement }) => {
    const seats = new Set(placement.seats.filter(({ address, token: shown }) => address && shown).map(({ player }) => player));
    return players.every((player) => seats.has(player));
  });
}

function report(tookS: number, cpuS: number): CallerReport {
  // One with a ticket of the load before is judged by nobody: that one knows its tickets no more.
  const own = [...pushed].flatMap(([id, push]) => {
    const match = JSON.parse(told.get(id) ?? 'null') as ToldMatch | null;
    const names = match?.teams.flatMap(({ players }) => players.map(({ ticket }) => ticket)) ?? [];
    return match && names.every((name) => sent.has(name)) ? [{ match: formed(match), names, push }] : [];
  });
  const pushMs = own
    .map(({ names, push }) => push.atMs - Math.max(...names.map((name) => sent.get(name)?.atMs ?? 0)))
    .sort((a, b) => a - b);
  const at = (share: number) => pushMs[Math.min(pushMs.length - 1, Math.floor(share * pushMs.length))] ?? 0;
  const known = new Map([...sent.keys()].map((id) => [id, ticketOf(id) as Ticket]));
  return {
    acknowledged: sent.size,
    refused,
    matched: own.reduce((sum, { match }) => sum + match.teams.reduce((n, team) => n + team.tickets.length, 0), 0),
    ticketsPerS: sent.size / tookS,
    pushMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
    seatless: own.filter(({ push }) => !seated(JSON.parse(push.text) as Push)).length,
    lost,
    violations: violations(
      own.map(({ match }) => match),
      known,
      Date.now(),
    ),
    cpuS,
  };
}

await listen();
const before = process.cpuUsage();
const tookS = await load();
const { user, system } = process.cpuUsage(before);
// What is possible is pushed at once; the rest waits for others.
await new Promise((resolve) => setTimeout(resolve, 1_000));
process.send?.(report(tookS, (user + system) / 1e6));
process.exit(0);
