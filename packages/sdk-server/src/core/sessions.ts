/**
 * Sessions: a player's place in its commands and in the messages to it, whichever socket, gateway or server carries them.
 *
 *   commands   1 ─ covered ─ applied ─ queued        what is covered survives this server; the gateway forgets it
 *   messages   acknowledged ─ unacked … outNext      what is unacked is sent again to whoever attaches
 *
 * All of it but the queue and the socket travels with the group. Numbers of messages that were made after a change of owner
 * *float* until the first attach: only the client knows how far the former owner got, which may be further than a checkpoint says.
 */
import { assert, Ring } from '@horizon-atlas/base';
import type { ServerToGateway } from '@horizon-atlas/protocol';
import type { EntityGroup } from './groups.ts';
import type { LinkId } from './out.ts';
import type { ServerPolicy } from './policy.ts';

export type WireFormat = 'atlas' | 'horizon';

export interface OutMessage {
  seq: number;
  readonly event: number;
  readonly payload: Uint8Array;
}

export interface QueuedCommand {
  readonly seq: number;
  readonly event: number;
  readonly payload: Uint8Array;
}

/** The socket's side: one handle on one gateway link. */
export interface Attachment {
  readonly link: LinkId;
  readonly handle: number;
  /** What the gateway was told. */
  readonly answer: Extract<ServerToGateway, { kind: 'attached' }>;
}

/** What a known entity looked like when the client was last told. */
export interface Seen {
  state: Uint8Array;
  tick: number;
}

/** A session as it travels. */
export interface SessionCargo {
  readonly session: string;
  readonly player: string;
  readonly name: string;
  readonly entity: number;
  readonly format: WireFormat;
  readonly applied: number;
  readonly outNext: number;
  readonly generation: number;
  readonly confirmed: number;
  readonly remainingMs: number;
  readonly lost: boolean;
}

export class Session {
  readonly id: string;
  readonly player: string;
  readonly name: string;
  readonly entity: number;
  readonly group: EntityGroup;
  format: WireFormat = 'atlas';

  applied = 0;
  covered = 0;
  /** Commands that wait for the next tick, and the number of the last of them (`applied` if there are none). */
  queue: QueuedCommand[] = [];
  queuedTo = 0;
  /** Of each event only the newest. */
  readonly latest = new Map<number, Uint8Array>();

  outNext = 1;
  readonly unacked: Ring<OutMessage>;
  unackedBytes = 0;
  /** Messages from this number on float; 0: none does. */
  floatFrom = 0;
  /** The client misses messages and may not know it yet, so a resume cannot be whole. */
  lost = false;
  /** Generation of the welcome that tells it so; 0: none does yet. */
  #lostTold = 0;

  /** Of the newest welcome, and of the newest that the client has shown to know. */
  generation = 0;
  confirmed = 0;
  attached: Attachment | undefined = undefined;
  /** Of the window without a socket; counts down from `detachedAtMs`. */
  remainingMs: number;
  detachedAtMs: number;
  ackDue = false;
  readonly seen = new Map<number, Seen>();

  constructor(
    cargo: Pick<SessionCargo, 'session' | 'player' | 'name' | 'entity'>,
    group: EntityGroup,
    policy: ServerPolicy,
    nowMs: number,
  ) {
    this.id = cargo.session;
    this.player = cargo.player;
    this.name = cargo.name;
    this.entity = cargo.entity;
    this.group = group;
    this.unacked = new Ring(policy.unackedMax);
    this.remainingMs = policy.resumeMs;
    this.detachedAtMs = nowMs;
  }

  /** A new owner takes over where `cargo` says: everything in it is as durable as the group itself. */
  load(cargo: SessionCargo, messages: readonly OutMessage[]): void {
    this.format = cargo.format;
    this.applied = cargo.applied;
    this.queuedTo = cargo.applied;
    this.covered = cargo.applied;
    this.outNext = cargo.outNext;
    this.generation = cargo.generation;
    this.confirmed = cargo.confirmed;
    this.remainingMs = cargo.remainingMs;
    this.lost = cargo.lost;
    for (const message of messages) this.#keep(message);
    this.float();
  }

  cargo(nowMs: number, policy: ServerPolicy): SessionCargo {
    const left = this.attached ? policy.resumeMs : Math.max(0, this.remainingMs - (nowMs - this.detachedAtMs));
    return {
      session: this.id,
      player: this.player,
      name: this.name,
      entity: this.entity,
      format: this.format,
      applied: this.applied,
      outNext: this.outNext,
      generation: this.generation,
      confirmed: this.confirmed,
      remainingMs: Math.round(left),
      lost: this.lost,
    };
  }

  /** From here on messages get their final number at the next attach. */
  float(): void {
    this.floatFrom = this.outNext;
  }

  /** Numbers a message and keeps it. undefined: there is no room, and it was not taken (see `dropOldest`). */
  append(event: number, payload: Uint8Array, policy: ServerPolicy): OutMessage | undefined {
    if (this.unacked.full || (this.unackedBytes + payload.length > policy.unackedBytesMax && this.unacked.length > 0))
      return undefined;
    const message = { seq: this.outNext, event, payload };
    this.outNext++;
    this.#keep(message);
    return message;
  }

  /** Gives up the oldest unacknowledged message: the next resume will say that something was lost. */
  dropOldest(): void {
    const dropped = this.unacked.shift();
    if (!dropped) return;
    this.unackedBytes -= dropped.payload.length;
    this.#lose(0);
  }

  acknowledge(received: number): void {
    // What was not sent cannot have been received.
    if (received >= this.outNext || this.floatFrom > 0) return;
    this.#forgetTo(received);
  }

  /**
   * Settles numbers with whoever attaches: the next message that it gets is `received + 1`. A resume is not whole if the client misses
   * something: messages were dropped, or it has seen more than this owner knows of, so there was a rollback. It stays so until the client
   * has shown that it knows (`confirm`): the answer may be lost on its way, and the next one must not say otherwise.
   *
   * At a switch it is the gateway's word, of what it has passed on. Its client may be gone without having got that, so nothing is forgotten.
   */
  settle(received: number, reason: 'join' | 'resume' | 'switch'): boolean {
    const floatFrom = this.floatFrom === 0 ? this.outNext : this.floatFrom;
    this.floatFrom = 0;
    // Those that do not float are the former owner's, and keep their number; those that do were never sent.
    const rolledBack = received >= floatFrom;
    if (rolledBack || reason !== 'switch') this.#forgetTo(Math.min(received, floatFrom - 1));
    const gap = (this.unacked.at(0)?.seq ?? this.outNext) > received + 1;
    if (rolledBack || gap) {
      for (let i = 0; i < this.unacked.length; i++) (this.unacked.at(i) as OutMessage).seq = received + 1 + i;
      this.outNext = received + 1 + this.unacked.length;
    }
    const whole = !rolledBack && !gap && !this.lost;
    if (reason === 'join') this.lost = false;
    else if (reason === 'resume' && !whole) this.#lose(this.generation);
    return whole;
  }

  /** Takes a command into the queue. */
  enqueue(command: QueuedCommand, policy: ServerPolicy): 'taken' | 'known' | 'gap' | 'full' {
    if (command.seq <= this.queuedTo) return 'known';
    if (command.seq !== this.queuedTo + 1) return 'gap';
    if (this.queue.length >= policy.queuedCommandsMax) return 'full';
    this.queue.push(command);
    this.queuedTo = command.seq;
    return 'taken';
  }

  clearQueue(): void {
    this.queue = [];
    this.queuedTo = this.applied;
    this.latest.clear();
  }

  /** The client has shown that it knows the welcome of that generation: older tokens are used up, and what it was told there it knows. */
  confirm(generation = this.generation): void {
    this.confirmed = Math.max(this.confirmed, generation);
    if (this.#lostTold === 0 || this.confirmed < this.#lostTold) return;
    this.#lostTold = 0;
    this.lost = false;
  }

  detach(nowMs: number, policy: ServerPolicy): void {
    if (!this.attached) return;
    this.attached = undefined;
    this.remainingMs = policy.resumeMs;
    this.detachedAtMs = nowMs;
    this.ackDue = false;
  }

  windowEndsMs(): number {
    return this.attached ? Number.POSITIVE_INFINITY : this.detachedAtMs + this.remainingMs;
  }

  #lose(told: number): void {
    this.lost = true;
    this.#lostTold = told;
  }

  #keep(message: OutMessage): void {
    const taken = this.unacked.push(message);
    assert(taken, 'a message is kept only where there is room');
    this.unackedBytes += message.payload.length;
  }

  #forgetTo(received: number): void {
    while (true) {
      const oldest = this.unacked.at(0);
      if (!oldest || oldest.seq > received) return;
      this.unacked.shift();
      this.unackedBytes -= oldest.payload.length;
    }
  }
}
