/**
 * Actions on entities wherever they live: ours at the next tick, a neighbour's by one hop to its owner, a departed one's through
 * the stub that it left behind. At most once: an action is never repeated, and one without an answer ends with LINK_LOST.
 */
import type { MeshMessage } from '@horizon-atlas/protocol';
import type { ServerState } from './server-state.ts';
import type { Shadows } from './shadows.ts';

export type HeldAct = Extract<MeshMessage, { kind: 'act' }>;
type ActResult = Extract<MeshMessage, { kind: 'actResult' }>;

export interface ActAnswer {
  readonly ok: boolean;
  /** Empty if ok; else a code of protocol/errors.ts, or the game's own. */
  readonly code: string;
  readonly data: unknown;
}

interface Pending {
  readonly answer: (answer: ActAnswer) => void;
  readonly dueMs: number;
}

/** How many actions of others are remembered, to drop doubled ones and to find the way back. */
const RECENT_MAX = 2048;
/** The wire's limit for the data of one action. */
export const ACT_DATA_BYTES = 16_384;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const noBytes = new Uint8Array(0);

export class Acts {
  readonly #state: ServerState;
  readonly #shadows: Shadows;
  readonly #send: (server: string, message: MeshMessage) => void;
  #queue: HeldAct[] = [];
  /** Answers that are ready, given at the next tick so that no game code runs within other game code. */
  #answers: { answer: (answer: ActAnswer) => void; with: ActAnswer }[] = [];
  readonly #pending = new Map<number, Pending>();
  /** `id/hops` of what was taken already: links may double a message. */
  readonly #recent = new Set<string>();
  /** By which peer an action came, to take its answer back the same way. Ids are unique in the world, see `#firstId`. */
  readonly #cameBy = new Map<number, string>();
  #nextId = 0;

  constructor(state: ServerState, shadows: Shadows, send: (server: string, message: MeshMessage) => void) {
    this.#state = state;
    this.#shadows = shadows;
    this.#send = send;
  }

  /** The game's wish. The answer comes in a later tick. */
  act(entity: number, action: string, data: unknown, answer: ((answer: ActAnswer) => void) | undefined): void {
    const { policy, nowMs, id: origin } = this.#state;
    const bytes = encode(data);
    if (!bytes) {
      this.#answerLater(answer, 'MESSAGE_TOO_BIG');
      return;
    }
    if (this.#pending.size >= policy.actsPendingMax) {
      this.#answerLater(answer, 'RATE_LIMITED');
      return;
    }
    // Above every id of an earlier life: epochs only grow, and a life begins with an assignment.
    this.#nextId = Math.max(this.#nextId + 1, this.#firstId());
    const id = this.#nextId;
    if (answer) this.#pending.set(id, { answer, dueMs: nowMs + policy.actTimeoutMs });
    this.#route({ kind: 'act', id, entity, hops: 0, origin, action, data: bytes });
  }

  fromPeer(server: string, message: HeldAct): void {
    // The same action may rightly come twice, by way of a stub, but never twice with the same number of hops.
    const key = `${message.id}/${message.hops}`;
    if (this.#recent.has(key)) return;
    this.#recent.add(key);
    this.#cameBy.set(message.id, server);
    forgetOldest(this.#recent);
    forgetOldest(this.#cameBy);
    this.#route(message);
  }

  resultFromPeer(message: ActResult): void {
    const pending = this.#pending.get(message.id);
    if (!pending) {
      // Not ours: we only passed the action on.
      const by = this.#cameBy.get(message.id);
      this.#cameBy.delete(message.id);
      if (by !== undefined) this.#send(by, message);
      return;
    }
    this.#pending.delete(message.id);
    this.#answers.push({
      answer: pending.answer,
      with: { ok: message.code === '', code: message.code, data: decode(message.data) },
    });
  }

  /** Actions that waited for a group that is free to move again, or gone. */
  again(held: readonly HeldAct[]): void {
    for (const message of held) this.#route(message);
  }

  /** Carries out what has come for our entities, and gives the answers that are due. Once at the start of a tick. */
  tick(): void {
    if (this.#answers.length > 0) {
      const ready = this.#answers;
      this.#answers = [];
      for (const { answer, with: result } of ready) this.#state.guard('act answer', () => answer(result));
    }
    if (this.#queue.length > 0) {
      const queue = this.#queue;
      this.#queue = [];
      for (const message of queue) this.#perform(message);
    }
    for (const [id, { answer, dueMs }] of this.#pending) {
      // In the order of their deadlines, as all wait equally long.
      if (dueMs > this.#state.nowMs) break;
      this.#pending.delete(id);
      this.#answerLater(answer, 'LINK_LOST');
    }
  }

  #route(message: HeldAct): void {
    const entity = this.#entity(message.entity);
    if (entity?.group?.frozen) {
      if (entity.group.frozen.acts.length >= this.#state.policy.actsHeldMax) {
        this.#reply(message, 'RATE_LIMITED', noBytes);
        return;
      }
      entity.group.frozen.acts.push(message);
      return;
    }
    if (entity) {
      this.#queue.push(message);
      return;
    }
    const server = this.#whereIs(message.entity);
    if (server === undefined || server === '' || message.hops >= this.#state.policy.actHopsMax) {
      this.#reply(message, 'NOT_OWNER', noBytes);
      return;
    }
    this.#send(server, { ...message, hops: message.hops + 1 });
  }

  #perform(message: HeldAct): void {
    const entity = this.#entity(message.entity);
    const region = entity?.group?.region;
    if (!entity || !region?.world || entity.group?.frozen) {
      this.#route(message);
      return;
    }
    const handler = this.#state.game.actions?.[message.action];
    if (!handler) {
      this.#reply(message, 'ACTION_UNKNOWN', noBytes);
      return;
    }
    const world = region.world;
    try {
      const answer = handler(entity, decode(message.data), world, message.origin);
      this.#reply(message, '', encode(answer) ?? noBytes);
    } catch (error) {
      // A refusal of the game's own carries a code; everything else is a fault.
      const code = (error as { code?: unknown } | undefined)?.code;
      if (typeof code !== 'string') this.#state.event('game-error', { hook: `actions.${message.action}`, error });
      this.#reply(message, typeof code === 'string' ? code.slice(0, 64) : 'INTERNAL', noBytes);
    }
  }

  #reply(message: HeldAct, code: string, data: Uint8Array): void {
    const result: ActResult = { kind: 'actResult', id: message.id, code, data };
    const { id, peers } = this.#state;
    if (message.origin === id) {
      // Own actions have no way back through others.
      if (this.#pending.has(message.id)) this.resultFromPeer(result);
      return;
    }
    const by = peers.has(message.origin) ? message.origin : this.#cameBy.get(message.id);
    this.#cameBy.delete(message.id);
    if (by !== undefined) this.#send(by, result);
  }

  #entity(id: number) {
    for (const region of this.#state.regions.values()) {
      const entity = region.entities.get(id);
      if (entity) return entity;
    }
    return undefined;
  }

  #whereIs(entity: number): string | undefined {
    const shadow = this.#shadows.all.get(entity);
    let best: { server: string; epoch: number } | undefined = shadow;
    for (const stub of this.#state.stubs.values()) {
      if (stub.entities.includes(entity) && stub.epoch > (best?.epoch ?? -1)) best = stub;
    }
    return best?.server;
  }

  #answerLater(answer: ((answer: ActAnswer) => void) | undefined, code: string): void {
    if (answer) this.#answers.push({ answer, with: { ok: false, code, data: undefined } });
  }

  #firstId(): number {
    let epoch = 0;
    for (const region of this.#state.regions.values()) epoch = Math.max(epoch, region.epoch);
    return epoch * 2 ** 20;
  }
}

function forgetOldest(kept: Set<string> | Map<number, string>): void {
  if (kept.size <= RECENT_MAX) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest as never);
    return;
  }
}

/** undefined: too big. */
function encode(data: unknown): Uint8Array | undefined {
  if (data === undefined) return noBytes;
  const bytes = encoder.encode(JSON.stringify(data));
  return bytes.length <= ACT_DATA_BYTES ? bytes : undefined;
}

function decode(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
