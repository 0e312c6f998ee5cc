/**
 * The watch stream: looks at what changes once for all watchers, encodes it once, and writes the same bytes to each. Nothing runs while nobody
 * watches.
 *
 *   sources ──1 Hz──▶ lists, players, servers ─┐                      ┌─▶ watcher that reads: written at once
 *           ──5 Hz──▶ handoffs ────────────────┼─▶ encoded once ──────┤
 *           ──────▶  events, scenes ───────────┘                      └─▶ slow one: a mark. When it has read: the latest of each, events from its cursor
 *
 * A slow reader costs its marks: nothing is queued for it. Events are taken from the event log; what that has forgotten by then is told as `lost`.
 */
import type { EventSource, Sources } from '../sources.ts';
import type { Status } from '../status.ts';
import { PlayerChanges } from './player-changes.ts';
import { ServerChanges } from './server-changes.ts';
import { encodeEvent, type Stream } from './streams.ts';
import { type Topic, Watcher } from './watcher.ts';

export interface HubPolicy {
  readonly snapshotMs: number;
  readonly handoffMs: number;
  /** Events of so long are one write. */
  readonly eventMs: number;
}

export const standard: HubPolicy = { snapshotMs: 1000, handoffMs: 200, eventMs: 40 };

/** Events of one write to a reader that has to catch up. */
const eventsAtOnce = 500;
const lists = ['status', 'regions', 'servers', 'gateways', 'fleets', 'edges', 'queues', 'matches'] as const;
/** Of matches: the latest. */
const matchesTold = 200;
type ListTopic = (typeof lists)[number];

interface Portion {
  readonly bytes: Uint8Array;
  readonly cursor: number;
}

export class WatchHub {
  readonly #sources: Partial<Sources>;
  readonly #status: () => Status;
  readonly #policy: HubPolicy;
  readonly #onFault: (error: unknown) => void;
  readonly #watchers = new Set<Watcher>();
  readonly #texts = new Map<ListTopic, string>();
  readonly #latest = new Map<Topic, Uint8Array>();
  /** Events from a cursor on, as bytes: watchers stand at the same one, mostly. */
  readonly #portions = new Map<number, Portion>();
  #players: PlayerChanges | undefined;
  #whole: Uint8Array | undefined;
  #servers: ServerChanges | undefined;
  #full: Uint8Array | undefined;
  #handoffs: Map<string, string> | undefined;
  #timers: NodeJS.Timeout[] = [];
  #eventTimer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;
  #unsubscribeScene: (() => void) | undefined;

  constructor(sources: Partial<Sources>, status: () => Status, onFault: (error: unknown) => void, policy: HubPolicy = standard) {
    this.#sources = sources;
    this.#status = status;
    this.#onFault = onFault;
    this.#policy = policy;
  }

  /** `after`: the last event that the reader has; undefined: from now on. */
  add(stream: Stream, wanted: ReadonlySet<Topic>, after: number | undefined, hello: object): void {
    const lastId = this.#sources.events?.lastId ?? 0;
    const watcher = new Watcher(stream, wanted, after ?? lastId);
    // With an id from the start: who loses the connection before the first event resumes, too.
    stream.send(encodeEvent('hello', JSON.stringify(hello), wanted.has('events') ? watcher.cursor : undefined));
    this.#begin(wanted);
    for (const topic of lists) if (wanted.has(topic)) watcher.dirty.add(topic);
    this.#watchers.add(watcher);
    stream.onDrain(() => this.#guarded(() => this.#flush(watcher)));
    stream.onClose(() => {
      this.#watchers.delete(watcher);
      this.#rest();
    });
    if (stream.closed) {
      this.#watchers.delete(watcher);
      this.#rest();
    } else this.#guarded(() => this.#flush(watcher));
  }

  close(): void {
    this.#watchers.clear();
    this.#rest();
  }

  // ---- what runs while somebody watches -----------------------------------------------------------------------------

  #begin(wanted: ReadonlySet<Topic>): void {
    if (this.#timers.length === 0) {
      this.#timers = [
        setInterval(() => this.#guarded(() => this.#lookAtLists()), this.#policy.snapshotMs),
        setInterval(() => this.#guarded(() => this.#lookAtHandoffs()), this.#policy.handoffMs),
      ];
      this.#unsubscribe = this.#sources.events?.onEvent(() => this.#eventsSoon());
    }
    // What nobody has watched until now is not known.
    for (const topic of lists) if (wanted.has(topic) && !this.#latest.has(topic)) this.#refresh(topic);
    if (wanted.has('players') && !this.#players) this.#lookAtPlayers();
    if (wanted.has('gameservers') && !this.#servers && this.#sources.fleets)
      this.#servers = new ServerChanges(this.#sources.fleets);
    if (wanted.has('handoffs') && !this.#handoffs) this.#lookAtHandoffs(true);
    if (wanted.has('scene')) this.#unsubscribeScene ??= this.#sources.scenes?.onScene((scene) => this.#scene(scene));
  }

  /** Whatever is no longer watched by anybody is no longer looked at. */
  #rest(): void {
    const wanted = new Set([...this.#watchers].flatMap((watcher) => [...watcher.topics]));
    for (const topic of lists) {
      if (wanted.has(topic)) continue;
      this.#latest.delete(topic);
      this.#texts.delete(topic);
    }
    if (!wanted.has('players')) {
      this.#players = undefined;
      this.#whole = undefined;
    }
    if (!wanted.has('gameservers')) {
      this.#servers?.close();
      this.#servers = undefined;
    }
    if (!wanted.has('handoffs')) this.#handoffs = undefined;
    if (!wanted.has('scene')) {
      this.#unsubscribeScene?.();
      this.#unsubscribeScene = undefined;
      this.#full = undefined;
    }
    if (this.#watchers.size > 0) return;
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    clearTimeout(this.#eventTimer);
    this.#eventTimer = undefined;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#portions.clear();
  }

  #lookAtLists(): void {
    for (const topic of this.#latest.keys()) {
      if (!this.#refresh(topic as ListTopic)) continue;
      for (const watcher of this.#watchers) if (watcher.topics.has(topic)) watcher.dirty.add(topic);
    }
    if (this.#players) this.#lookAtPlayers();
    this.#lookAtServers();
    this.#flushAll();
  }

  /** Whether it has changed. */
  #refresh(topic: ListTopic): boolean {
    const text = JSON.stringify(this.#valueOf(topic));
    if (this.#texts.get(topic) === text) return false;
    this.#texts.set(topic, text);
    this.#latest.set(topic, encodeEvent(topic, text));
    return true;
  }

  #valueOf(topic: ListTopic): unknown {
    const { world, fleets, edges, matchmaking } = this.#sources;
    if (topic === 'status') return this.#status();
    if (topic === 'fleets') return fleets?.fleets() ?? [];
    if (topic === 'edges') return edges?.edges() ?? [];
    if (topic === 'queues') return matchmaking?.queues() ?? [];
    if (topic === 'matches') return matchmaking?.matches().slice(-matchesTold).reverse() ?? [];
    return world?.[topic]() ?? [];
  }

  #lookAtPlayers(): void {
    this.#players ??= new PlayerChanges();
    const news = this.#players.look(this.#sources.world?.players() ?? []);
    this.#whole = undefined;
    if (!news) return;
    const bytes = encodeEvent('players', JSON.stringify(news));
    for (const watcher of this.#watchers) {
      if (!watcher.topics.has('players') || watcher.wholePlayers) continue;
      if (watcher.stream.ready) watcher.stream.send(bytes);
      else watcher.wholePlayers = true;
    }
  }

  #lookAtServers(): void {
    // Fleets may come after whoever watches.
    if (!this.#servers && this.#sources.fleets && [...this.#watchers].some(({ topics }) => topics.has('gameservers'))) {
      this.#servers = new ServerChanges(this.#sources.fleets);
      for (const watcher of this.#watchers) watcher.wholeServers = true;
    }
    const news = this.#servers?.look();
    if (!news) return;
    const bytes = encodeEvent('gameservers', JSON.stringify(news));
    for (const watcher of this.#watchers) {
      if (!watcher.topics.has('gameservers') || watcher.wholeServers) continue;
      if (watcher.stream.ready) watcher.stream.send(bytes);
      else watcher.wholeServers = true;
    }
  }

  #lookAtHandoffs(first = false): void {
    if (!this.#handoffs && !first) return;
    const before = this.#handoffs;
    const now = new Map<string, string>();
    for (const handoff of this.#sources.world?.handoffs() ?? []) {
      const { id, phase, outcome, gapMs, frozenMs, endedAtMs, warm, phases } = handoff;
      const mark = `${phase} ${outcome} ${gapMs} ${frozenMs} ${endedAtMs} ${warm} ${phases.length}`;
      now.set(id, mark);
      if (!before || before.get(id) === mark) continue;
      const bytes = encodeEvent('handoffs', JSON.stringify(handoff));
      for (const watcher of this.#watchers) if (watcher.topics.has('handoffs')) watcher.addHandoff(id, bytes);
    }
    this.#handoffs = now;
    this.#flushAll();
  }

  #eventsSoon(): void {
    this.#eventTimer ??= setTimeout(() => {
      this.#eventTimer = undefined;
      this.#guarded(() => this.#flushAll());
    }, this.#policy.eventMs);
  }

  #scene(scene: Uint8Array): void {
    this.#full = undefined;
    let bytes: Uint8Array | undefined;
    for (const watcher of this.#watchers) {
      if (!watcher.topics.has('scene')) continue;
      if (!watcher.stream.ready) watcher.fullScene = true;
      else if (watcher.fullScene) this.#sendFullScene(watcher);
      else {
        bytes ??= encodeScene(scene);
        watcher.stream.send(bytes);
      }
    }
  }

  // ---- to one watcher -----------------------------------------------------------------------------------------------

  #flushAll(): void {
    this.#portions.clear();
    for (const watcher of this.#watchers) this.#flush(watcher);
  }

  /** Events first: they are what must not be missed. */
  #flush(watcher: Watcher): void {
    const { stream, topics, dirty, handoffs } = watcher;
    if (topics.has('events')) this.#flushEvents(watcher);
    for (const [id, bytes] of handoffs) {
      if (!stream.ready) return;
      handoffs.delete(id);
      stream.send(bytes);
    }
    for (const topic of dirty) {
      if (!stream.ready) return;
      dirty.delete(topic);
      const bytes = this.#latest.get(topic);
      if (bytes) stream.send(bytes);
    }
    if (topics.has('players') && watcher.wholePlayers && stream.ready) {
      this.#whole ??= encodeEvent('players', JSON.stringify(this.#players?.whole() ?? { whole: true, upsert: [], gone: [] }));
      watcher.wholePlayers = false;
      stream.send(this.#whole);
    }
    if (topics.has('gameservers') && watcher.wholeServers && stream.ready) {
      watcher.wholeServers = false;
      stream.send(encodeEvent('gameservers', JSON.stringify(this.#servers?.whole() ?? { whole: true, upsert: [], gone: [] })));
    }
    if (topics.has('scene') && watcher.fullScene && stream.ready) this.#sendFullScene(watcher);
  }

  #flushEvents(watcher: Watcher): void {
    const { events } = this.#sources;
    while (events && watcher.stream.ready && watcher.cursor !== events.lastId) {
      const portion = this.#portions.get(watcher.cursor) ?? portionAfter(events, watcher.cursor);
      this.#portions.set(watcher.cursor, portion);
      watcher.stream.send(portion.bytes);
      // Only a log that contradicts itself would not bring it forward.
      if (portion.cursor === watcher.cursor) return;
      watcher.cursor = portion.cursor;
    }
  }

  /** In the place of what has been missed. What follows builds on it, as it would on the scene that was just announced. */
  #sendFullScene(watcher: Watcher): void {
    const { scenes } = this.#sources;
    if (!scenes) return;
    this.#full ??= encodeScene(scenes.now());
    watcher.fullScene = false;
    watcher.stream.send(this.#full);
  }

  /** A fault of a source ends neither the timer nor other watchers. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#onFault(error);
    }
  }
}

function portionAfter(events: EventSource, cursor: number): Portion {
  const { lastId } = events;
  // A cursor of another time: the log has begun anew since.
  const { events: found, tooOld } = cursor > lastId ? { events: [], tooOld: true } : events.since(cursor);
  const some = found.slice(0, eventsAtOnce);
  const next = some.at(-1)?.id ?? lastId;
  const lost = tooOld ? [encodeEvent('lost', JSON.stringify({ after: cursor }), (some[0]?.id ?? lastId + 1) - 1)] : [];
  return {
    bytes: Buffer.concat([...lost, ...some.map((event) => encodeEvent('events', JSON.stringify(event), event.id))]),
    cursor: next,
  };
}

function encodeScene(scene: Uint8Array): Uint8Array {
  return encodeEvent('scene', Buffer.from(scene.buffer, scene.byteOffset, scene.byteLength).toString('base64'));
}
