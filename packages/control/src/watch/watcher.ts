/** One reader of the watch stream: what it wants, how far it is, and what it has missed because it reads slowly. */
import type { Stream } from './streams.ts';

export const topics = [
  'status',
  'regions',
  'servers',
  'gateways',
  'players',
  'handoffs',
  'events',
  'scene',
  'fleets',
  'gameservers',
  'edges',
  'queues',
  'matches',
] as const;
export type Topic = (typeof topics)[number];

export const limits = {
  /** Handoffs that wait for a slow reader; beyond, the one that waits longest is left out. */
  handoffsWaiting: 500,
} as const;

export class Watcher {
  readonly stream: Stream;
  readonly topics: ReadonlySet<Topic>;
  /** The last event that it was sent. */
  cursor: number;
  /** Lists and status that it has yet to be sent, in their latest state. */
  readonly dirty = new Set<Topic>();
  /** By handoff; each in its latest state. The bytes are shared with other watchers. */
  readonly handoffs = new Map<string, Uint8Array>();
  /** It has not been sent every change: the next message has everybody. */
  wholePlayers = true;
  /** The same of game servers. */
  wholeServers = true;
  fullScene = true;

  constructor(stream: Stream, wanted: ReadonlySet<Topic>, cursor: number) {
    this.stream = stream;
    this.topics = wanted;
    this.cursor = cursor;
  }

  addHandoff(id: string, bytes: Uint8Array): void {
    this.handoffs.delete(id);
    this.handoffs.set(id, bytes);
    if (this.handoffs.size > limits.handoffsWaiting) this.handoffs.delete(this.handoffs.keys().next().value ?? '');
  }
}
