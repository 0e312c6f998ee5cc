/**
 * Forked by the handoff bench: players on recorded human paths across borders, each with numbered commands and a clock on its own
 * ship; or players who reconnect at a border, as games do that have no handoff.
 */
import { readFileSync } from 'node:fs';
import { Prng, percentile } from '@horizon-atlas/base';
import { type Course, replay } from '@horizon-atlas/example-sol/courses.ts';
import { devToken } from '@horizon-atlas/example-sol/dev-token.ts';
import { ExactlyOnce } from '@horizon-atlas/example-sol/exactly-once.ts';
import { unpackRecording } from '@horizon-atlas/example-sol/recording.ts';
import { schema } from '@horizon-atlas/example-sol/schema.ts';
import { connect } from '@horizon-atlas/sdk-client';
import { nodeWebSocket } from '@horizon-atlas/sdk-client/node';
import type { Doors } from './installation.ts';
import { OwnViews, WINDOW_MS } from './own-views.ts';

export interface CrossersSettings {
  readonly doors: Doors;
  readonly players: number;
  /** The first one's number among all of the bench. */
  readonly first: number;
  /** Where recorded matches are laid, one after the other. */
  readonly middles: readonly { readonly x: number; readonly y: number }[];
  /** The recording is played so many times faster and laid out so many times smaller: speeds stay what they are. */
  readonly haste: number;
  /** Instead of being handed over they leave at the border and join anew. Borders are at these. */
  readonly reconnect: { readonly x: readonly number[]; readonly y: readonly number[] } | undefined;
}

export interface CrossersReport {
  readonly crossings: number;
  /** Of each crossing, or each reconnect. Milliseconds. */
  readonly rawGapsMs: readonly number[];
  /** The same measure at moments at which nobody crossed: what the machine does by itself. */
  readonly calmMs: readonly number[];
  /** Of each crossing: its raw gap less what the others of this process saw around the same moment, in the median. */
  readonly aloneMs: readonly number[];
  readonly commands: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  readonly socketsClosed: number;
}

export type CrossersOrder = { readonly kind: 'begin' } | { readonly kind: 'end' };

type Client = Awaited<ReturnType<typeof dial>>;

const STEER_MS = 250;
const COMMAND_MS = 100;
const JOIN_EVERY_MS = 15;
/** Commands that are under way at the end have so long to be answered. */
const SETTLE_MS = 3000;
/** Nobody leaves again so soon after having come. */
const STAY_MS = 4000;

const settings = JSON.parse(process.argv[2] ?? '') as CrossersSettings;
const { doors, players, first, middles, haste, reconnect } = settings;
const secret = readFileSync(doors.secretFile, 'utf8').trim();
const WebSocket = nodeWebSocket({ ca: readFileSync(doors.caFile, 'utf8') });
const recording = unpackRecording(readFileSync(new URL(import.meta.resolve('@horizon-atlas/example-sol/data/movement.bin.gz'))));
const prng = new Prng(first + 1);

function dial(name: string, i: number) {
  const url = doors.gateways[i % doors.gateways.length] as string;
  return connect({ url, token: () => devToken(secret, name, name), schema, WebSocket });
}

/** Sol lays each match over one of its own borders; here it is taken from there, made smaller, and laid over one of the bench's. */
function courseOf(i: number): Course {
  const startS = prng.between(0, 600);
  const course = replay(recording, i, startS);
  const middle = middles[i % middles.length] as { x: number; y: number };
  const samples = Array.from({ length: 240 }, (_, k) => course(k));
  const [midX, midY] = [mean(samples.map(({ x }) => x)), mean(samples.map(({ y }) => y))];
  return (atS) => {
    const { x, y } = course(atS * haste);
    return { x: middle.x + (x - midX) / haste, y: middle.y + (y - midY) / haste, z: 0 };
  };
}

class Crosser {
  readonly #name: string;
  readonly #index: number;
  readonly #course: Course;
  readonly views = new OwnViews();
  readonly counts = new ExactlyOnce(1);
  #client: Client | undefined;
  #region = '';
  #comeMs = 0;
  #leftMs = Number.NaN;
  #lastMs = Number.NaN;
  rawGapsMs: number[] = [];
  calmMs: number[] = [];
  aloneMs: number[] = [];
  sent = 0;
  crossings = 0;
  socketsClosed = 0;

  constructor(index: number) {
    this.#index = index;
    this.#name = `player-${index}`;
    this.#course = courseOf(index);
  }

  async join(): Promise<void> {
    const client = await dial(this.#name, this.#index);
    this.#client = client;
    this.#comeMs = performance.now();
    this.views.forget();
    client.on('probe/counted', (counted) => this.counts.counted(counted));
    client.on('$status', ({ status }) => {
      if (status === 'reconnecting') this.socketsClosed++;
    });
    client.on('$view', ({ entities }) => {
      if (entities.some(({ entity }) => entity === client.me.entity)) this.#seen(client);
    });
    client.on('$crossed', () => {
      // Who has just come is handed over like everybody else, and that is not what is measured of them.
      if (reconnect !== undefined) return;
      this.crossings++;
      const atMs = performance.now();
      this.views.around(atMs, (rawMs) => {
        this.rawGapsMs.push(rawMs);
        const others = all.filter((player) => player !== this).map((player) => player.views.rawAround(atMs));
        this.aloneMs.push(rawMs - percentile(others, 0.5));
      });
    });
  }

  steer(atS: number): void {
    this.#client?.sendLatest('movement/steer', this.#course(atS));
  }

  command(): void {
    const client = this.#client;
    if (client === undefined) return;
    this.counts.send((command) => {
      const { ok } = client.send('probe/count', command);
      if (ok) this.sent++;
      return ok;
    });
  }

  /** A moment like any other. */
  sample(): void {
    this.views.around(performance.now(), (rawMs) => this.calmMs.push(rawMs));
  }

  get unanswered(): number {
    return Math.max(0, this.sent - this.counts.heard);
  }

  leave(): void {
    this.#client?.close();
  }

  #seen(client: Client): void {
    const nowMs = performance.now();
    this.views.heard(nowMs);
    if (!Number.isNaN(this.#leftMs)) {
      this.rawGapsMs.push(nowMs - this.#lastMs);
      this.crossings++;
      this.#leftMs = Number.NaN;
    }
    this.#lastMs = nowMs;
    if (reconnect === undefined) return;
    const { x = 0, y = 0 } = client.me.seen ?? {};
    const region = `${reconnect.x.filter((at) => x >= at).length}-${reconnect.y.filter((at) => y >= at).length}`;
    if (region === this.#region) return;
    const atBorder = this.#region !== '' && nowMs - this.#comeMs > STAY_MS;
    this.#region = region;
    if (!atBorder || this.#client !== client) return;
    this.#leftMs = nowMs;
    this.#client = undefined;
    client.close();
    void this.join();
  }
}

const all = Array.from({ length: players }, (_, i) => new Crosser(first + i));
const started = performance.now();
await Promise.all(
  all.map(async (player, i) => {
    await wait(i * JOIN_EVERY_MS);
    await player.join();
  }),
);
tell({ kind: 'joined' });

const timers = [
  ...spread(STEER_MS, (player) => player.steer((performance.now() - started) / 1000)),
  ...(reconnect === undefined ? spread(COMMAND_MS, (player) => player.command()) : []),
  ...(reconnect === undefined ? spread(2000, (player) => player.sample()) : []),
];
process.on('message', (order: CrossersOrder) => {
  if (order.kind === 'begin') {
    for (const player of all) Object.assign(player, { rawGapsMs: [], calmMs: [], aloneMs: [], crossings: 0 });
  } else void end();
});

async function end(): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  const deadline = performance.now() + SETTLE_MS;
  await wait(2 * WINDOW_MS);
  while (reconnect === undefined && all.some(({ unanswered }) => unanswered > 0) && performance.now() < deadline) await wait(20);
  const sum = (of: (player: Crosser) => number): number => all.reduce((total, player) => total + of(player), 0);
  tell({
    crossings: sum(({ crossings }) => crossings),
    rawGapsMs: all.flatMap(({ rawGapsMs }) => rawGapsMs),
    calmMs: all.flatMap(({ calmMs }) => calmMs),
    aloneMs: all.flatMap(({ aloneMs }) => aloneMs),
    commands: sum(({ sent }) => sent),
    // Who was never answered counts, too.
    lost: reconnect ? 0 : sum(({ counts, unanswered }) => Math.max(counts.faults.lost, unanswered)),
    doubled: sum(({ counts }) => counts.faults.doubled),
    reordered: sum(({ counts }) => counts.faults.reordered),
    socketsClosed: sum(({ socketsClosed }) => socketsClosed),
  } satisfies CrossersReport);
  for (const player of all) player.leave();
}

/** Each player once in `everyMs`, their turns spread over the time between. */
function spread(everyMs: number, act: (player: Crosser) => void): NodeJS.Timeout[] {
  const slices = 10;
  let turn = 0;
  const step = (): void => {
    for (let i = turn % slices; i < all.length; i += slices) act(all[i] as Crosser);
    turn++;
  };
  return [setInterval(step, everyMs / slices)];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function tell(message: object): void {
  process.send?.(message);
}
