/** A player of the end-to-end world: a real client over WSS that keeps books about what it asked for and what it was told. */
import { type Crossing, connect } from '@horizon-atlas/sdk-client';
import { developmentAccess } from '@horizon-atlas/sdk-client/node';
import type { Installation } from './installation.ts';
import { until } from './until.ts';
import { schema } from './world/schema.ts';

type Client = Awaited<ReturnType<typeof dial>>;

const dial = ({ url, dir }: Installation, name: string) => connect({ url, schema, ...developmentAccess(dir.root, name) });

export class Player {
  readonly name: string;
  readonly client: Client;
  readonly crossings: Crossing[] = [];
  readonly said: string[] = [];
  readonly paid: number[] = [];
  /** In order: paused, resumed. */
  readonly notices: string[] = [];
  /** How each connection began. */
  readonly resumed: boolean[] = [];
  /** Sockets that closed without our wish. */
  closed = 0;
  balance: number | undefined;
  /** Everything that must not be. */
  readonly faults: string[] = [];
  /** Commands of `count/one`: asked for, and the highest that was answered. */
  sent = 0;
  counted = 0;
  #counting: NodeJS.Timeout | undefined;

  private constructor(name: string, client: Client) {
    this.name = name;
    this.client = client;
    client.on('count/counted', ({ n, seen, ordered }) => {
      // After the death of a server answers may come again; never other ones.
      if (seen !== n || !ordered) this.faults.push(`command ${n} was number ${seen}${ordered ? '' : ', out of order'}`);
      this.counted = Math.max(this.counted, n);
    });
    client.on('chat/said', ({ from, text }) => void this.said.push(`${from}: ${text}`));
    client.on('bank/paid', ({ id, ok }) => void (ok ? this.paid.push(id) : this.faults.push(`payment ${id} was refused`)));
    client.on('bank/balance', ({ credits }) => {
      this.balance = credits;
    });
    client.on('$crossed', (crossing) => void this.crossings.push(crossing));
    client.on('$connected', ({ resumed }) => void this.resumed.push(resumed));
    client.on('$paused', () => void this.notices.push('paused'));
    client.on('$resumed', () => void this.notices.push('resumed'));
    client.on('$dropped', ({ commands }) => void this.faults.push(`${commands} commands were dropped`));
    client.on('$status', ({ status, code }) => {
      if (status === 'reconnecting') this.closed++;
      if (status === 'closed' && code !== undefined) this.faults.push(`closed: ${code}`);
    });
  }

  static async join(atlas: Installation, name: string): Promise<Player> {
    return new Player(name, await dial(atlas, name));
  }

  get region(): string {
    return this.client.me.region;
  }

  get x(): number {
    return this.client.me.seen?.x ?? Number.NaN;
  }

  /** From now on a command each `everyMs`, whatever happens. */
  keepCounting(everyMs = 25): void {
    this.#counting ??= setInterval(() => this.count(), everyMs);
  }

  count(): void {
    if (this.client.send('count/one', { n: this.sent + 1 }).ok) this.sent++;
  }

  async walkTo(x: number): Promise<void> {
    this.client.send('walk/to', { x });
    await until(`${this.name} is at ${x}, not at ${this.x}`, () => Math.abs(this.x - x) < 1);
  }

  /** Play goes on: what is asked for from now on is done. */
  async plays(): Promise<void> {
    this.count();
    const { sent } = this;
    await until(`${this.name}'s command ${sent} is answered`, () => this.counted >= sent);
  }

  /** Stops counting. What was asked for has been done, and would survive anything. */
  async settle(): Promise<void> {
    this.#stopCounting();
    await this.plays();
    await until(`all of ${this.name} is covered`, () => this.client.stats.uncovered === 0);
  }

  leave(): void {
    this.#stopCounting();
    this.client.close();
  }

  #stopCounting(): void {
    clearInterval(this.#counting);
    this.#counting = undefined;
  }
}
