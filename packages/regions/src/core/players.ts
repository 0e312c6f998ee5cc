/**
 * Players come, come again from elsewhere, and go.
 *
 *   join ─▶ reading ─▶ waiting (region) ─▶ committing ─▶ admitting ─▶ joined
 *             │ live                           ▲             │ refused
 *             └──────▶ freeing (crossing) ─────┘             ▼
 *                      takeover: the record is rewritten   undoing ─▶ refuse
 *
 * A player has one join at a time; the newest wins. What is written is settled even when the join itself has been given up: a player
 * is never in zero or two places.
 */
import {
  AuthorityRecord,
  decodeRecord,
  encodeRecord,
  type GatewayToControl,
  keys,
  limits,
  PlayerRecord,
  type ServerToControl,
} from '@horizon-atlas/protocol';
import { Admission, type Join } from './admission.ts';
import { type GroupEntry, groupOf, type RegionEntry } from './book.ts';
import { Challenges } from './challenges.ts';
import type { Desk } from './desk.ts';
import type { Frozen } from './handoff-states.ts';
import { regionsLimits } from './policy.ts';
import { settleWrite } from './settle-write.ts';
import type { Write } from './writes.ts';

export class Players {
  readonly #desk: Desk;
  readonly #challenges: Challenges;
  readonly #byPlayer = new Map<string, Admission>();
  readonly #byGroup = new Map<number, Admission>();
  readonly #byRegion = new Map<RegionEntry, Set<Admission>>();

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#challenges = new Challenges(desk);
  }

  get joining(): number {
    return this.#byPlayer.size;
  }

  isAdmitting(group: number): boolean {
    return this.#byGroup.has(group);
  }

  join(gateway: string, join: Join): void {
    if (this.#challenges.isReplaced(join.session)) {
      this.#refuse(gateway, join, 'SESSION_REPLACED');
      return;
    }
    const holder = this.#holder(join.player);
    if (holder === '' || holder === join.session) this.#join(gateway, join);
    else this.#challenges.ask(gateway, join);
  }

  /** The gateway says that a join which takes its player from another session still stands. */
  confirmed(session: string, nonce: number): void {
    const challenge = this.#challenges.answered(session, nonce);
    if (challenge) this.#join(challenge.gateway, challenge.join);
  }

  /** The session that has the player, or is about to; empty: none. */
  #holder(player: string): string {
    const pending = this.#byPlayer.get(player);
    return pending?.after?.join.session ?? pending?.join?.session ?? this.#desk.book.players.get(player)?.session ?? '';
  }

  #join(gateway: string, join: Join): void {
    const { book, policy, nowMs } = this.#desk;
    const pending = this.#byPlayer.get(join.player);
    if (pending) {
      this.#joinAgain(pending, gateway, join);
      return;
    }
    const live = book.sessions.get(join.session);
    // Asked again, because the answer was lost.
    if (live && live.player === join.player && !this.#byGroup.has(live.group)) {
      this.#tellJoined(live, gateway, join);
      return;
    }
    if (this.#byPlayer.size >= regionsLimits.joins) {
      this.#refuse(gateway, join, 'GATEWAY_BUSY');
      return;
    }
    const untilMs = nowMs + policy.joinDeadlineMs;
    const admission = new Admission(join.player, gateway, join, untilMs, (each) => this.#due(each));
    admission.span = this.#desk.tracer.follow(join.traceparent, 'join.place', nowMs, { session: join.session });
    this.#byPlayer.set(join.player, admission);
    this.#begin(admission);
  }

  locate(gateway: string, message: GatewayToControl & { kind: 'locate' }): void {
    const entry = this.#desk.book.sessions.get(message.session);
    if (!entry) {
      const code = this.#challenges.isReplaced(message.session) ? 'SESSION_REPLACED' : 'SESSION_ENDED';
      this.#desk.out.toGateway(gateway, { kind: 'gone', session: message.session, code });
      return;
    }
    this.routeTo(gateway, entry);
    if (message.epoch > this.#desk.book.effective(entry)) this.#raise(entry);
  }

  /** Tells all gateways where a group's session is. */
  route(entry: GroupEntry, cursors?: Frozen['sessions'], traceparent?: string): void {
    if (entry.session !== '') this.routeTo('*', entry, cursors, traceparent);
  }

  routeTo(gateway: string, entry: GroupEntry, cursors?: Frozen['sessions'], traceparent?: string): void {
    const { book, out } = this.#desk;
    const { session, player, name, group } = entry;
    const applied = cursors?.find((each) => each.session === session)?.applied ?? 0;
    const server = book.playing(entry.region)?.server ?? '';
    const epoch = book.effective(entry);
    out.toGateway(gateway, {
      kind: 'route',
      session,
      region: entry.region.id,
      server,
      epoch,
      entity: group,
      player,
      name,
      applied,
      traceparent,
    });
  }

  /** Its own server has not heard of the group's present epoch and session: told again, as the record has it, until it answers. */
  remind(entry: GroupEntry): void {
    const { writes, book, nowMs, policy } = this.#desk;
    if (entry.rewriting || this.#byGroup.has(entry.group) || this.#byPlayer.has(entry.player)) return;
    const untilMs = nowMs + policy.joinDeadlineMs;
    const admission = new Admission(entry.player, '', undefined, untilMs, (each) => this.#due(each));
    admission.phase = 'committing';
    this.#byPlayer.set(entry.player, admission);
    const key = keys.authority(entry.group);
    writes.read([key], (records) => {
      const stored = records.get(key);
      const record = stored && decodeRecord(AuthorityRecord, stored.value);
      if (!record || book.groups.get(entry.group) !== entry) return this.#finish(admission);
      admission.state = record.group.state;
      admission.at = record;
      this.#admit(admission, entry);
    });
  }

  regionReady(region: RegionEntry): void {
    for (const admission of [...(this.#byRegion.get(region) ?? [])]) {
      if (admission.phase === 'waiting') this.#begin(admission);
      else if (admission.phase === 'admitting') this.#sendAdmit(admission);
    }
  }

  admitted(server: string, message: ServerToControl & { kind: 'admitted' }): void {
    const { book, crossings } = this.#desk;
    const { group, epoch, session, ok, code } = message;
    const admission = this.#byGroup.get(group);
    const entry = book.groups.get(group);
    if (!entry || book.playing(entry.region)?.server !== server || epoch !== book.effective(entry)) return;
    if (ok) crossings.heardOf(server, group, epoch);
    if (admission?.phase !== 'admitting' || session !== entry.session) return;
    if (!ok) {
      if (admission.fresh) this.#undo(admission, entry, code || 'REGION_FULL');
      return;
    }
    entry.formerEpoch = 0;
    const { join, gateway } = admission;
    this.#finish(admission);
    if (join) this.#tellJoined(entry, gateway, join);
    else this.route(entry);
  }

  // ---- the way in ---------------------------------------------------------------------------------------------------

  #joinAgain(pending: Admission, gateway: string, join: Join): void {
    if (pending.join?.session === join.session) {
      pending.gateway = gateway;
      pending.join = join;
      return;
    }
    if (pending.phase === 'reading' || pending.phase === 'waiting' || pending.phase === 'freeing') {
      // Nothing has been written: the new one takes its place.
      if (pending.join) this.#replace(pending.gateway, pending.join);
      pending.gateway = gateway;
      pending.join = join;
      pending.untilMs = this.#desk.nowMs + this.#desk.policy.joinDeadlineMs;
      return;
    }
    if (pending.after && pending.after.join.session !== join.session) {
      this.#replace(pending.after.gateway, pending.after.join);
    }
    pending.after = { gateway, join };
  }

  /** From the start, or again from the start: everything is looked up anew. */
  #begin(admission: Admission): void {
    const { book, timers, nowMs, policy, crossings, writes } = this.#desk;
    if (this.#byPlayer.get(admission.player) !== admission) return;
    timers.set(admission, Math.min(admission.untilMs, nowMs + policy.storeRetryMs * 10));
    const live = book.players.get(admission.player);
    if (live) {
      admission.entry = live;
      if (!this.#atRegion(admission, live.region)) return;
      admission.phase = 'freeing';
      crossings.whenFree(live.group, () => this.#takeOver(admission, live));
      return;
    }
    if (admission.region) {
      if (this.#atRegion(admission, admission.region)) this.#commit(admission, admission.region);
      return;
    }
    admission.phase = 'reading';
    const key = keys.player(admission.player);
    writes.read([key], (records) => {
      if (admission.phase !== 'reading' || this.#byPlayer.get(admission.player) !== admission) return;
      const stored = records.get(key);
      const record = stored && decodeRecord(PlayerRecord, stored.value);
      if (stored && !record) return this.#fail(admission, 'INTERNAL');
      admission.stored = stored?.value;
      admission.playerVersion = stored?.version ?? 0;
      admission.state = record?.state ?? EMPTY;
      admission.at = record ?? NOWHERE;
      admission.region = (record && book.regions.get(record.region)) ?? book.spawn;
      if (this.#atRegion(admission, admission.region)) this.#commit(admission, admission.region);
    });
  }

  /** Whether the region can take somebody now; if not, the admission waits for it. */
  #atRegion(admission: Admission, region: RegionEntry): boolean {
    const { lives } = this.#desk;
    if (admission.held !== region) {
      this.#letGo(admission);
      admission.held = region;
      const set = this.#byRegion.get(region) ?? new Set();
      this.#byRegion.set(region, set.add(admission));
      lives.hold(region, 1);
    }
    if (region.life.phase === 'active' && this.#desk.book.playing(region)) return true;
    admission.phase = 'waiting';
    lives.wake(region);
    return false;
  }

  #commit(admission: Admission, region: RegionEntry): void {
    const { join } = admission;
    const epoch = this.#desk.epochs.draw();
    if (epoch === 0 || !join) {
      this.#retry(admission, 'reading');
      return;
    }
    const id = epoch * limits.idsPerEpoch;
    const { player, state } = admission;
    const group = { group: id, epoch, claimed: true, player, name: join.name, session: join.session, state };
    const { x, y, z } = admission.at;
    const record: AuthorityRecord = { region: region.id, group, stateEpoch: epoch, x, y, z };
    const authority = keys.authority(id);
    const key = keys.player(player);
    const write: Write = {
      ops: [
        { op: 'put', key: authority, value: encodeRecord(AuthorityRecord, record) },
        { op: 'delete', key },
      ],
      conditions: [
        { key: authority, version: 0 },
        { key, version: admission.playerVersion },
      ],
    };
    admission.phase = 'committing';
    settleWrite(this.#desk, region, write, (outcome) => {
      if (outcome.kind !== 'written') {
        // Its player record has changed under it (an end that was written late), or the disk is full.
        const full = outcome.kind === 'refused' && outcome.code === 'STORE_FULL';
        return full ? this.#fail(admission, 'GATEWAY_BUSY') : this.#startOver(admission);
      }
      const entry = this.#desk.book.take(record, outcome.version);
      if (!entry) return this.#fail(admission, 'INTERNAL');
      this.#desk.figures.joins++;
      admission.fresh = true;
      this.#desk.lives.populationChanged(region);
      this.#admit(admission, entry);
    });
  }

  #takeOver(admission: Admission, entry: GroupEntry): void {
    const { book } = this.#desk;
    if (this.#byPlayer.get(admission.player) !== admission || admission.phase !== 'freeing' || !admission.join) return;
    const gone = book.players.get(admission.player) !== entry;
    if (gone || entry.rewriting || this.#byGroup.has(entry.group)) {
      this.#retry(admission, 'reading');
      return;
    }
    if (!this.#atRegion(admission, entry.region)) return;
    const { session, name } = admission.join;
    const former = entry.session;
    admission.phase = 'committing';
    this.#rewrite(admission, entry, { session, name }, () => {
      this.#desk.figures.takeovers++;
      admission.replaced = former;
      this.#challenges.replaced(former);
      this.#desk.out.toGateway('*', { kind: 'kick', session: former, code: 'SESSION_REPLACED', message: '' });
    });
  }

  /** A gateway knows a higher epoch than the record: it missed a route. The same owner, at an epoch above it, sets that right. */
  #raise(entry: GroupEntry): void {
    const { crossings, nowMs, policy } = this.#desk;
    if (entry.rewriting || this.#byGroup.has(entry.group) || this.#byPlayer.has(entry.player)) return;
    if (crossings.isExclusive(entry.group)) return;
    crossings.lapseIntents(entry.group);
    const untilMs = nowMs + policy.joinDeadlineMs;
    const admission = new Admission(entry.player, '', undefined, untilMs, (each) => this.#due(each));
    this.#byPlayer.set(entry.player, admission);
    if (!this.#atRegion(admission, entry.region)) {
      this.#finish(admission);
      return;
    }
    admission.phase = 'committing';
    this.#rewrite(admission, entry, { session: entry.session, name: entry.name }, () => {});
  }

  /** Writes the record of a live group anew, at a new epoch of the same owner; its state stays what and from when it was. */
  #rewrite(admission: Admission, entry: GroupEntry, to: { session: string; name: string }, then: () => void): void {
    const { writes, book, epochs } = this.#desk;
    const key = keys.authority(entry.group);
    entry.rewriting = true;
    writes.read([key], (records) => {
      const stored = records.get(key);
      const old = stored && decodeRecord(AuthorityRecord, stored.value);
      const epoch = epochs.draw();
      const lost = book.groups.get(entry.group) !== entry || entry.region.id !== old?.region;
      if (lost || !old || stored?.version !== entry.version || epoch === 0) {
        entry.rewriting = false;
        return this.#startOver(admission);
      }
      const record: AuthorityRecord = { ...old, group: { ...old.group, ...to, epoch } };
      const value = encodeRecord(AuthorityRecord, record);
      const write: Write = { ops: [{ op: 'put', key, value }], conditions: [{ key, version: entry.version }] };
      settleWrite(this.#desk, entry.region, write, (outcome) => {
        entry.rewriting = false;
        if (outcome.kind !== 'written') return this.#startOver(admission);
        admission.state = old.group.state;
        admission.at = old;
        book.take(record, outcome.version);
        then();
        this.#admit(admission, entry);
      });
    });
  }

  #admit(admission: Admission, entry: GroupEntry): void {
    admission.phase = 'admitting';
    admission.entry = entry;
    this.#byGroup.set(entry.group, admission);
    this.#sendAdmit(admission);
  }

  #sendAdmit(admission: Admission): void {
    const { book, timers, nowMs, policy } = this.#desk;
    const { entry, replaced } = admission;
    if (!entry) return;
    const { x, y, z } = admission.at;
    const group = groupOf(entry, book.effective(entry), admission.state);
    const traceparent = admission.span?.traceparent;
    this.#desk.toRegion(entry.region, { kind: 'admit', region: entry.region.id, group, x, y, z, traceparent });
    if (replaced !== '') {
      this.#desk.toRegion(entry.region, { kind: 'endSession', session: replaced, group: entry.group, code: 'SESSION_REPLACED' });
    }
    timers.set(admission, nowMs + policy.repeatMs);
  }

  #due(admission: Admission): void {
    const { nowMs, timers, policy, book } = this.#desk;
    if (nowMs >= admission.untilMs && admission.join) {
      // Given up for the client. What was written stays true: the server's window ends a session to which nobody comes.
      this.#refuse(admission.gateway, admission.join, 'NO_REGION');
      admission.span?.end(nowMs, 'NO_REGION');
      admission.join = undefined;
      if (admission.phase !== 'committing' && admission.phase !== 'admitting' && admission.phase !== 'undoing') {
        this.#finish(admission);
        return;
      }
    }
    if (admission.phase === 'admitting') {
      if (admission.entry && book.groups.get(admission.entry.group) === admission.entry) this.#sendAdmit(admission);
      else this.#finish(admission);
    } else if (admission.phase === 'reading' || admission.phase === 'waiting' || admission.phase === 'freeing') {
      this.#begin(admission);
    } else {
      timers.set(admission, nowMs + policy.repeatMs * 5);
    }
  }

  /** The server refuses somebody new: all back to what it was. */
  #undo(admission: Admission, entry: GroupEntry, code: string): void {
    const { book, lives } = this.#desk;
    if (entry.rewriting || this.#desk.crossings.isExclusive(entry.group)) return;
    entry.rewriting = true;
    admission.phase = 'undoing';
    const authority = keys.authority(entry.group);
    const key = keys.player(admission.player);
    const back: Write['ops'] = admission.stored ? [{ op: 'put', key, value: admission.stored }] : [];
    const write: Write = {
      ops: [{ op: 'delete', key: authority }, ...back],
      conditions: [{ key: authority, version: entry.version }],
    };
    settleWrite(this.#desk, entry.region, write, (outcome) => {
      entry.rewriting = false;
      if (outcome.kind !== 'written') {
        // It stays in the world after all, and is asked in again.
        admission.phase = 'admitting';
        return;
      }
      book.drop(entry);
      lives.populationChanged(entry.region);
      this.#fail(admission, code);
    });
  }

  #startOver(admission: Admission): void {
    admission.region = undefined;
    this.#retry(admission, 'reading');
  }

  #retry(admission: Admission, phase: 'reading'): void {
    const { timers, nowMs, policy } = this.#desk;
    if (!admission.join) {
      this.#finish(admission);
      return;
    }
    admission.phase = phase;
    timers.set(admission, nowMs + policy.storeRetryMs);
  }

  #fail(admission: Admission, code: string): void {
    if (admission.join) this.#refuse(admission.gateway, admission.join, code);
    admission.span?.end(this.#desk.nowMs, code);
    this.#finish(admission);
  }

  #finish(admission: Admission): void {
    admission.span?.set({ region: admission.entry?.region.id ?? '' });
    admission.span?.end(this.#desk.nowMs);
    this.#desk.timers.set(admission, Number.POSITIVE_INFINITY);
    this.#letGo(admission);
    if (this.#byPlayer.get(admission.player) === admission) this.#byPlayer.delete(admission.player);
    if (admission.entry && this.#byGroup.get(admission.entry.group) === admission) this.#byGroup.delete(admission.entry.group);
    const { after } = admission;
    if (after) this.#join(after.gateway, after.join);
  }

  #letGo(admission: Admission): void {
    const { held } = admission;
    if (!held) return;
    admission.held = undefined;
    this.#byRegion.get(held)?.delete(admission);
    this.#desk.lives.hold(held, -1);
  }

  #tellJoined(entry: GroupEntry, gateway: string, join: Join): void {
    const { book, out } = this.#desk;
    const { request, session } = join;
    const server = book.playing(entry.region)?.server ?? '';
    out.toGateway(gateway, {
      kind: 'joined',
      request,
      session,
      region: entry.region.id,
      server,
      epoch: book.effective(entry),
      entity: entry.group,
    });
  }

  #replace(gateway: string, join: Join): void {
    this.#challenges.replaced(join.session);
    this.#refuse(gateway, join, 'SESSION_REPLACED');
  }

  #refuse(gateway: string, join: Join, code: string): void {
    this.#desk.out.toGateway(gateway, { kind: 'refuse', request: join.request, code, message: '' });
  }
}

const EMPTY = new Uint8Array(0);
const NOWHERE = { x: undefined, y: undefined, z: undefined };
