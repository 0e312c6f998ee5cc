/**
 * Who plays, as people see it: what the coordinator has on record (who is in the world, and where) joined with what gateways tell of their
 * sessions (who is connected, from where, how well). An engine: told everything, with the time.
 *
 *            its gateway's word, on record           socket lost              socket is back
 *   joining ─────────────────────────────▶ online ───────────────▶ away ─────────────────────▶ online
 *                                             └──── off the record ──┴──▶ gone      kept for some minutes, then forgotten
 *
 * Names and ids are chosen by players: they are passed on as they are, and whoever shows them takes care of them.
 */
import type { Player } from '@horizon-atlas/control';
import type { SessionReport } from '@horizon-atlas/protocol';
import type { PlayerPlace } from '@horizon-atlas/regions';

export const playerLimits = {
  /** Those who have left are kept for so long, ms, and so many of them; beyond, who left first is forgotten. */
  goneMs: 5 * 60_000,
  gone: 2_000,
  /** Sessions in all that gateways may tell of; beyond, those that are not on record are not listed. */
  unrecorded: 10_000,
} as const;

export type TellEvent = (name: string, fields: Readonly<Record<string, unknown>>) => void;

interface Entry {
  shown: Player;
  /** The coordinator has it on record. */
  recorded: boolean;
  /** Counts the looks at the record in which it was there. */
  seen: number;
  /** Its joining was told, or happened before anybody listened. */
  announced: boolean;
  goneAtMs: number;
}

/** Ends of a connection after which nobody comes back with the same session. */
const final = new Set(['SESSION_ENDED', 'SESSION_KICKED', 'SESSION_REPLACED', 'SESSION_EXHAUSTED']);

export class PlayerBook {
  readonly #tell: TellEvent;
  readonly #byPlayer = new Map<string, Entry>();
  readonly #bySession = new Map<string, Entry>();
  #looks = 0;
  #unrecorded = 0;
  #gone = 0;

  constructor(tell: TellEvent) {
    this.#tell = tell;
  }

  /** In the order in which they joined. */
  list(): Player[] {
    return Array.from(this.#byPlayer.values(), ({ shown }) => shown);
  }

  get(player: string): Player | undefined {
    return this.#byPlayer.get(player)?.shown;
  }

  ofSession(session: string): Player | undefined {
    return this.#bySession.get(session)?.shown;
  }

  /** The record as a whole; to be given about once a second. Who is not in it any more has left. */
  record(places: Iterable<PlayerPlace>, atMs: number): void {
    this.#looks++;
    for (const place of places) {
      const entry = this.#entryOf(place.session, place.player, place.name, atMs, true);
      if (!entry) continue;
      if (!entry.recorded) {
        entry.recorded = true;
        this.#unrecorded--;
      }
      entry.seen = this.#looks;
      const { group: entity, region, server, epoch, x, y, z } = place;
      entry.shown = { ...entry.shown, name: place.name, entity, region, server, epoch, position: seenAt(x, y, z) };
      this.#announce(entry);
    }
    for (const entry of [...this.#byPlayer.values()]) {
      if (entry.recorded && entry.seen !== this.#looks) this.#left(entry, atMs);
    }
    this.#forgetGone(atMs);
  }

  /** @param listing it was so before anybody listened, and is no news. */
  report(gateway: string, reports: readonly SessionReport[], listing: boolean, atMs: number): void {
    for (const report of reports) {
      const entry = this.#entryOf(report.session, report.player, report.name, atMs - report.ageMs, false);
      if (!entry) continue;
      const wasAnnounced = entry.announced;
      entry.announced ||= listing;
      const { address, format, state } = report;
      const before = entry.shown;
      const name = before.name === '' ? report.name : before.name;
      // A session that its player has taken to another gateway is still kept at the former one, for a while.
      if (state === 'away' && before.gateway !== gateway && before.gateway !== '') continue;
      entry.shown = { ...before, name, gateway, address, format, state };
      if (state === 'online') {
        entry.shown = { ...entry.shown, closeCode: 0, closeReason: '' };
        if (before.state === 'away' && wasAnnounced) this.#tellOf('player.back', entry);
        this.#announce(entry);
      } else if (state === 'away') this.#away(entry, before.state);
    }
  }

  /** Of the gateway's sessions, those that it has forgotten. The record says whether the player has left. */
  forgotten(gateway: string, sessions: readonly string[]): void {
    for (const session of sessions) {
      const entry = this.#bySession.get(session);
      if (entry?.shown.gateway === gateway) this.#disconnected(entry);
    }
  }

  pings(gateway: string, pings: readonly { readonly session: string; readonly ms: number }[]): void {
    for (const { session, ms } of pings) {
      const entry = this.#bySession.get(session);
      if (entry?.shown.gateway === gateway) entry.shown = { ...entry.shown, pingMs: Math.round(ms * 10) / 10 };
    }
  }

  /** A client's connection has ended. */
  closed(gateway: string, session: string, closeCode: number, code: string): void {
    const entry = this.#bySession.get(session);
    if (!entry || (entry.shown.gateway !== gateway && entry.shown.gateway !== '')) return;
    const before = entry.shown.state;
    entry.shown = { ...entry.shown, closeCode, closeReason: code };
    if (final.has(code) || before === 'gone') return;
    entry.shown = { ...entry.shown, state: 'away', pingMs: null };
    this.#away(entry, before);
  }

  /** The link to a gateway is gone, and with it what it knew: it may come back with all of them. */
  gatewayLost(gateway: string): void {
    for (const entry of [...this.#byPlayer.values()]) if (entry.shown.gateway === gateway) this.#disconnected(entry);
  }

  crossed(player: string): void {
    const entry = this.#byPlayer.get(player);
    if (entry) entry.shown = { ...entry.shown, handoffs: entry.shown.handoffs + 1 };
  }

  gap(session: string, ms: number): void {
    const entry = this.#bySession.get(session);
    if (entry) entry.shown = { ...entry.shown, lastGapMs: Math.round(ms * 10) / 10 };
  }

  #entryOf(session: string, player: string, name: string, joinedAtMs: number, recorded: boolean): Entry | undefined {
    const known = this.#byPlayer.get(player);
    if (known?.shown.session === session) return known;
    // The record decides which of two sessions of a player counts; a gateway's word of an older one is late.
    if (known && !recorded && known.recorded) return undefined;
    if (!recorded && this.#unrecorded >= playerLimits.unrecorded) return undefined;
    if (known) this.#drop(known);
    const entry: Entry = {
      shown: newcomer(session, player, name, joinedAtMs),
      recorded: false,
      seen: 0,
      announced: false,
      goneAtMs: 0,
    };
    this.#byPlayer.set(player, entry);
    this.#bySession.set(session, entry);
    this.#unrecorded++;
    return entry;
  }

  #announce(entry: Entry): void {
    if (entry.announced || !entry.recorded || entry.shown.state !== 'online') return;
    entry.announced = true;
    this.#tellOf('player.joined', entry);
  }

  #away(entry: Entry, before: Player['state']): void {
    entry.shown = { ...entry.shown, pingMs: null };
    if (before === 'online' && entry.announced) this.#tellOf('player.away', entry);
  }

  #left(entry: Entry, atMs: number): void {
    entry.recorded = false;
    this.#unrecorded++;
    entry.goneAtMs = atMs;
    this.#gone++;
    entry.shown = { ...entry.shown, state: 'gone', pingMs: null };
    // The end of the list is for those who left last.
    this.#byPlayer.delete(entry.shown.id);
    this.#byPlayer.set(entry.shown.id, entry);
    if (entry.announced) this.#tellOf('player.left', entry);
  }

  /** Its gateway knows it no more. On record, its player may come back elsewhere; else it never got in. */
  #disconnected(entry: Entry): void {
    if (entry.shown.state === 'gone') return;
    if (!entry.recorded) this.#drop(entry);
    else {
      const before = entry.shown.state;
      entry.shown = { ...entry.shown, state: 'away', pingMs: null };
      this.#away(entry, before);
    }
  }

  #forgetGone(atMs: number): void {
    if (this.#gone === 0) return;
    for (const entry of [...this.#byPlayer.values()]) {
      if (entry.shown.state !== 'gone') continue;
      if (this.#gone > playerLimits.gone || atMs - entry.goneAtMs > playerLimits.goneMs) this.#drop(entry);
    }
  }

  #drop(entry: Entry): void {
    const { id, session, state } = entry.shown;
    if (this.#byPlayer.get(id) === entry) this.#byPlayer.delete(id);
    if (this.#bySession.get(session) === entry) this.#bySession.delete(session);
    if (!entry.recorded) this.#unrecorded--;
    if (state === 'gone') this.#gone--;
  }

  #tellOf(name: string, { shown }: Entry): void {
    const { id: player, name: called, region, server, gateway, closeCode, closeReason: code } = shown;
    this.#tell(name, { player, name: called === '' ? player : called, region, server, gateway, closeCode, code });
  }
}

function seenAt(x: number, y: number, z: number): Player['position'] {
  return Number.isFinite(x + y + z) ? { x, y, z } : null;
}

function newcomer(session: string, id: string, name: string, joinedAtMs: number): Player {
  return {
    id,
    name,
    session,
    entity: 0,
    state: 'joining',
    gateway: '',
    region: '',
    server: '',
    epoch: 0,
    position: null,
    address: '',
    format: 'atlas',
    pingMs: null,
    handoffs: 0,
    lastGapMs: null,
    joinedAtMs,
    closeCode: 0,
    closeReason: '',
  };
}
