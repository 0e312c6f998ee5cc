/** A desk with a Store and servers that answer when the test says so. */

import { Desk } from '../src/core/desk.ts';
import type { Change, DeskOut, Placement, QueueSettings } from '../src/core/desk-io.ts';
import type { MatchPool } from '../src/core/match-function.ts';
import type { Match } from '../src/core/match-life.ts';
import type { QueuedTicket, TicketEvent } from '../src/core/ticket-life.ts';
import { readRuleSet } from '../src/rule-set-schema.ts';
import { duel } from './story.ts';

export interface StoryOptions {
  readonly rules?: object;
  readonly settings?: Partial<QueueSettings>;
  /** Writes are durable at once. */
  readonly prompt?: boolean;
  /** Servers are there at once. */
  readonly servers?: boolean;
}

export class Story implements DeskOut {
  nowMs = 1_000_000;
  readonly desk: Desk;
  readonly writes: { token: number; changes: readonly Change[]; must: boolean }[] = [];
  readonly asked: Match[] = [];
  readonly released: string[] = [];
  /** What a match function was shown. */
  readonly pools: MatchPool[] = [];
  readonly events: TicketEvent[] = [];
  readonly filledIn: string[] = [];
  readonly answers = new Map<string, string>();
  readonly #options: StoryOptions;
  #ids = 0;

  constructor(options: StoryOptions = {}) {
    this.#options = { prompt: true, servers: true, ...options };
    this.desk = new Desk([settingsOf(options)], this);
  }

  add(id: string, changes: Partial<QueuedTicket> = {}): string {
    const players = [{ id: `p-${id}`, attributes: {}, latencyMs: {} }];
    const ticket = { id, queue: 'duel', party: '', createdMs: this.nowMs, priority: 0, players, ...changes };
    this.desk.add(ticket, this.nowMs, (refusal) => this.answers.set(id, refusal?.code ?? 'OK'));
    return this.answers.get(id) ?? 'PENDING';
  }

  cancel(id: string): string {
    this.desk.cancel(id, this.nowMs, (refusal) => this.answers.set(`cancel ${id}`, refusal?.code ?? 'OK'));
    return this.answers.get(`cancel ${id}`) ?? 'PENDING';
  }

  /** Time passes, and the desk does what is due. */
  after(ms: number): this {
    this.nowMs += ms;
    this.desk.tick(this.nowMs);
    return this;
  }

  /** All that waits to be written is, or cannot be. */
  write(code: 'STORE_FULL' | '' = ''): void {
    for (const { token, must } of this.writes.splice(0)) this.desk.kept(token, must ? '' : code, this.nowMs);
  }

  place(match: Match | undefined, placement: Placement = this.server()): void {
    if (match) this.desk.placed(match.id, placement, this.nowMs);
  }

  server(name = `s${++this.#ids}`): Placement {
    return { ok: true, server: name, fleet: 'arena', ports: [] };
  }

  status(id: string): string {
    return this.desk.ticket(id)?.status ?? 'unknown';
  }

  /** `red: a | blue: b` of the last match that was asked a server for. */
  get lineup(): string {
    return (
      this.asked
        .at(-1)
        ?.teams.map(({ name, tickets }) => `${name}: ${tickets.map(({ id }) => id).join(' ')}`)
        .join(' | ') ?? ''
    );
  }

  get eventNames(): readonly string[] {
    return this.events.map(({ name, tickets }) => `${name} ${[...tickets].sort().join(' ')}`);
  }

  keep(token: number, changes: readonly Change[], must: boolean): void {
    this.writes.push({ token, changes, must });
    if (this.#options.prompt) this.write();
  }
  reserve(match: Match): void {
    this.asked.push(match);
    if (this.#options.servers) this.place(match);
  }
  release(match: string): void {
    this.released.push(match);
  }
  happened(event: TicketEvent): void {
    this.events.push(event);
  }
  changed(): void {}
  filled(match: Match, ticket: QueuedTicket): void {
    this.filledIn.push(`${ticket.id} into ${match.id}`);
  }
  propose(_queue: string, pool: MatchPool): void {
    this.pools.push(pool);
  }
  newId(prefix: string): string {
    return `${prefix}_${++this.#ids}`;
  }
}

export function settingsOf({ rules = {}, settings = {} }: StoryOptions): QueueSettings {
  const read = readRuleSet({ ...duel, ...rules });
  if (!read.ok) throw new Error(read.complaints.map(({ path, message }) => `${path}: ${message}`).join('; '));
  return {
    name: 'duel',
    ruleSet: read.ruleSet,
    fleet: 'arena',
    ticketTimeoutMs: 300_000,
    acceptMs: 0,
    backfill: false,
    ...settings,
  };
}
