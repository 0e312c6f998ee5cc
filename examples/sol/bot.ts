/** One player without a person: flies its course, counts its commands, talks and trades a little, and keeps figures. */
import type { Histogram, Prng } from '@horizon-atlas/base';
import { type Atlas, connect, type WebSocketConstructor } from '@horizon-atlas/sdk-client';
import type { Course } from './courses.ts';
import { ExactlyOnce } from './exactly-once.ts';
import { schema } from './schema.ts';

export interface BotSetup {
  readonly name: string;
  readonly url: string;
  /** Asked before each dial. */
  readonly token: () => string;
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly course: Course;
  readonly trades: boolean;
  readonly prng: Prng;
  /** Of all bots together. */
  readonly gapsMs: Histogram;
}

type Client = Awaited<ReturnType<typeof dial>>;

const dial = ({ url, token, WebSocket }: BotSetup) => connect({ url, token, schema, ...(WebSocket && { WebSocket }) });

const CHAT_EVERY_S = 30;
const TRADE_EVERY_S = 10;
const COUNT_EVERY_S = 0.5;
/** After a refusal that the SDK does not try again by itself. */
const AGAIN_MS = 1000;

export class Bot {
  readonly #setup: BotSetup;
  readonly counts: ExactlyOnce;
  #client: Client | undefined;
  #stopped = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #chatS: number;
  #tradeS: number;
  #countS: number;
  #run: number;
  #gift = 0;
  sent = 0;
  crossings = 0;
  connects = 0;
  closedSockets = 0;
  dropped = 0;
  refusals = 0;
  readonly gifts = { given: 0, refused: 0 };

  constructor(setup: BotSetup) {
    this.#setup = setup;
    const { prng } = setup;
    this.#run = prng.u32();
    this.counts = new ExactlyOnce(this.#run);
    this.#chatS = prng.between(0, CHAT_EVERY_S);
    this.#tradeS = prng.between(0, TRADE_EVERY_S);
    this.#countS = prng.between(0, COUNT_EVERY_S);
  }

  get online(): boolean {
    return this.#client?.status === 'online';
  }

  get covered(): number {
    return this.sent - (this.#client?.stats.uncovered ?? 0);
  }

  /** The longest that the own ship stood still on one connection, in milliseconds. */
  get worstGapMs(): number {
    return this.#client?.stats.gaps.maxMs ?? 0;
  }

  async start(): Promise<void> {
    try {
      const client = await dial(this.#setup);
      if (this.#stopped) return client.close();
      this.#client = client;
      this.#listen(client);
    } catch {
      this.refusals++;
      if (!this.#stopped) this.#again = setTimeout(() => void this.start(), AGAIN_MS);
    }
  }

  /** What a person would do at this moment, in seconds from the start of the bots. */
  act(atS: number): void {
    const client = this.#client;
    if (client === undefined) return;
    client.sendLatest('movement/steer', this.#setup.course(atS));
    if (atS >= this.#countS) {
      this.#countS = atS + COUNT_EVERY_S;
      this.counts.send((command) => this.#took(client.send('probe/count', command)));
    }
    if (atS >= this.#chatS) {
      this.#chatS = atS + CHAT_EVERY_S;
      this.#took(client.send('chat/say', { text: `${this.#setup.name} here, in ${client.me.region}` }));
    }
    if (this.#setup.trades && atS >= this.#tradeS) {
      this.#tradeS = atS + TRADE_EVERY_S;
      this.#give(client);
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
    this.#client?.close();
  }

  #listen(client: Client): void {
    client.on('probe/counted', (counted) => this.counts.counted(counted));
    client.on('trade/given', ({ ok }) => {
      if (ok) this.gifts.given++;
      else this.gifts.refused++;
    });
    client.on('$connected', () => this.connects++);
    client.on('$crossed', ({ gapMs }) => {
      this.crossings++;
      this.#setup.gapsMs.add(gapMs);
    });
    client.on('$dropped', ({ commands }) => {
      this.dropped += commands;
      this.#run = this.#setup.prng.u32();
      this.counts.restart(this.#run);
    });
    client.on('$status', ({ status }) => {
      if (status === 'reconnecting') this.closedSockets++;
      if (status === 'closed' && !this.#stopped) this.#begin();
    });
  }

  /** Sent away for good: as a new player who has just arrived. */
  #begin(): void {
    this.refusals++;
    this.#client = undefined;
    this.#run = this.#setup.prng.u32();
    this.counts.restart(this.#run);
    this.#again = setTimeout(() => void this.start(), AGAIN_MS);
  }

  #give(client: Atlas<any, any, any>): void {
    const others = [...client.entities.keys()].filter((id) => id !== client.me.entity);
    if (others.length === 0) return;
    const to = this.#setup.prng.pick(others);
    this.#took(client.send('trade/give', { run: this.#run, id: ++this.#gift, to, credits: 1 + this.#setup.prng.below(5) }));
  }

  #took({ ok }: { ok: boolean }): boolean {
    if (ok) this.sent++;
    return ok;
  }
}
