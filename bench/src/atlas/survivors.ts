/**
 * Forked by the recovery bench: players who fly in circles at home, each with numbered commands and a clock on its own ship. After a
 * kill they tell when each of them could play again: when a command sent after the kill had been answered, and the own ship seen again.
 */
import { readFileSync } from 'node:fs';
import { devToken } from '@horizon-atlas/example-sol/dev-token.ts';
import { ExactlyOnce } from '@horizon-atlas/example-sol/exactly-once.ts';
import { schema } from '@horizon-atlas/example-sol/schema.ts';
import { connect } from '@horizon-atlas/sdk-client';
import { nodeWebSocket } from '@horizon-atlas/sdk-client/node';
import type { Doors } from './installation.ts';

export interface SurvivorsSettings {
  readonly doors: Doors;
  readonly players: number;
  /** Where they live, one after the other. */
  readonly homes: readonly { readonly x: number; readonly y: number }[];
}

/** `killed`: so many milliseconds since 1970. */
export type SurvivorsOrder = { readonly kind: 'killed'; readonly atMs: number; readonly whose: Whose } | { readonly kind: 'end' };

export type Whose = { readonly region: string } | { readonly gateway: string } | 'everybody';

export interface AfterKill {
  readonly kind: 'resumed';
  /** Of each player whose it was: from the kill until play has resumed; infinite if not within the deadline. Milliseconds. */
  readonly resumedMs: readonly number[];
  /** Of all others: the longest that an own ship stood still meanwhile. */
  readonly othersMs: number;
  readonly socketsClosed: number;
  /** Players who were told that messages to them may be missing: a rolled-back server has forgotten what it had said. */
  readonly notWhole: number;
}

export interface AtTheEnd {
  readonly kind: 'end';
  readonly commands: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  /** Players for whom all began anew. */
  readonly sessionsLost: number;
}

type Client = Awaited<ReturnType<typeof connect<any, any, any>>>;

const STEER_MS = 250;
const COMMAND_MS = 50;
const LOOK_MS = 10;
const DEADLINE_MS = 10_000;
/** After all have resumed: long enough to see a second outage that the first one brought with it. */
const AFTER_MS = 300;
const SETTLE_MS = 5000;

const { doors, players, homes } = JSON.parse(process.argv[2] ?? '') as SurvivorsSettings;
const secret = readFileSync(doors.secretFile, 'utf8').trim();
const Socket = nodeWebSocket({ ca: readFileSync(doors.caFile, 'utf8') });

class Survivor {
  readonly #index: number;
  readonly counts = new ExactlyOnce(1);
  /** When each command was sent, and first answered. Milliseconds since 1970. */
  readonly #sentMs: number[] = [];
  readonly #answeredMs: number[] = [];
  #viewsMs: number[] = [];
  #client: Client | undefined;
  #gateway = '';
  #session = '';
  socketsClosed = 0;
  sessionsLost = 0;
  notWhole = 0;

  constructor(index: number) {
    this.#index = index;
  }

  async join(): Promise<void> {
    const name = `player-${this.#index}`;
    const url = doors.gateways[this.#index % doors.gateways.length] as string;
    const dialled = (to: string): void => {
      this.#gateway = new URL(to).origin;
    };
    class WebSocket extends Socket {
      constructor(to: string, protocols: string[]) {
        super(to, protocols);
        dialled(to);
      }
    }
    const client = await connect({ url, token: () => devToken(secret, name, name), schema, WebSocket });
    this.#client = client;
    client.on('probe/counted', (counted) => {
      this.counts.counted(counted);
      this.#answeredMs[counted.n] ??= nowMs();
    });
    client.on('$view', ({ entities }) => {
      if (entities.some(({ entity }) => entity === client.me.entity)) this.#viewsMs.push(nowMs());
    });
    client.on('$status', ({ status }) => {
      if (status === 'reconnecting') this.socketsClosed++;
    });
    client.on('$connected', ({ resumed, session }) => {
      if (this.#session !== '' && session !== this.#session) this.sessionsLost++;
      if (this.#session !== '' && !resumed) this.notWhole++;
      this.#session = session;
    });
  }

  get sent(): number {
    return this.#sentMs.length - 1;
  }

  isHit(whose: Whose): boolean {
    if (whose === 'everybody') return true;
    return 'region' in whose ? this.#client?.me.region === whose.region : this.#gateway === new URL(whose.gateway).origin;
  }

  steer(atS: number): void {
    const home = homes[this.#index % homes.length] as { x: number; y: number };
    const angle = atS / 3 + this.#index;
    this.#client?.sendLatest('movement/steer', { x: home.x + 60 * Math.cos(angle), y: home.y + 60 * Math.sin(angle), z: 0 });
  }

  command(): void {
    this.counts.send((command) => {
      if (!this.#client?.send('probe/count', command).ok) return false;
      this.#sentMs[command.n] = nowMs();
      return true;
    });
  }

  /** undefined: not yet. */
  resumedMs(killedMs: number): number | undefined {
    const first = this.#sentMs.findIndex((ms) => ms > killedMs);
    if (first < 0) return undefined;
    const answeredMs = Math.min(...this.#answeredMs.slice(first).filter((ms) => ms !== undefined));
    const seenMs = this.#viewsMs.find((ms) => ms >= answeredMs);
    return seenMs === undefined ? undefined : seenMs - killedMs;
  }

  /** The longest distance between two updates since `sinceMs`. */
  stillMs(sinceMs: number): number {
    let longest = 0;
    for (let i = 1; i < this.#viewsMs.length; i++) {
      const [before, after] = [this.#viewsMs[i - 1] as number, this.#viewsMs[i] as number];
      if (after > sinceMs) longest = Math.max(longest, after - before);
    }
    return longest;
  }

  begin(): void {
    this.#viewsMs = this.#viewsMs.slice(-2);
    this.socketsClosed = 0;
    this.notWhole = 0;
  }

  leave(): void {
    this.#client?.close();
  }
}

const all = Array.from({ length: players }, (_, i) => new Survivor(i));
await Promise.all(all.map((player) => player.join()));
const startedMs = nowMs();
const timers = [
  setInterval(() => {
    for (const player of all) player.steer((nowMs() - startedMs) / 1000);
  }, STEER_MS),
  setInterval(() => {
    for (const player of all) player.command();
  }, COMMAND_MS),
];
process.on('message', (order: SurvivorsOrder) => void (order.kind === 'killed' ? watch(order.atMs, order.whose) : end()));
tell({ kind: 'joined' });

async function watch(killedMs: number, whose: Whose): Promise<void> {
  // The dead cannot have told anybody yet: where the players were is still known here.
  const hit = all.filter((player) => player.isHit(whose));
  const resumed = (): (number | undefined)[] => hit.map((player) => player.resumedMs(killedMs));
  while (resumed().includes(undefined) && nowMs() < killedMs + DEADLINE_MS) await wait(LOOK_MS);
  const resumedMs = resumed().map((ms) => ms ?? Number.POSITIVE_INFINITY);
  await wait(AFTER_MS);
  tell({
    kind: 'resumed',
    resumedMs,
    othersMs: Math.max(0, ...all.filter((player) => !hit.includes(player)).map((player) => player.stillMs(killedMs))),
    socketsClosed: all.reduce((sum, player) => sum + player.socketsClosed, 0),
    notWhole: all.reduce((sum, player) => sum + player.notWhole, 0),
  } satisfies AfterKill);
  for (const player of all) player.begin();
}

async function end(): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  const missing = (player: Survivor): number => Math.max(0, player.sent - player.counts.heard);
  const deadline = nowMs() + SETTLE_MS;
  while (all.some((player) => missing(player) > 0) && nowMs() < deadline) await wait(LOOK_MS);
  const sum = (of: (player: Survivor) => number): number => all.reduce((total, player) => total + of(player), 0);
  tell({
    kind: 'end',
    commands: sum(({ sent }) => sent),
    lost: sum((player) => Math.max(player.counts.faults.lost, missing(player))),
    doubled: sum(({ counts }) => counts.faults.doubled),
    reordered: sum(({ counts }) => counts.faults.reordered),
    sessionsLost: sum(({ sessionsLost }) => sessionsLost),
  } satisfies AtTheEnd);
  for (const player of all) player.leave();
}

/** One clock for all processes of the machine. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function tell(message: object): void {
  process.send?.(message);
}
