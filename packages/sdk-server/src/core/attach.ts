/**
 * Sessions and sockets: which handle of which gateway link speaks for a session.
 *
 *   attach ──▶ known, and at an epoch that we have ──▶ attached; whoever spoke for it before is silenced
 *      └─────▶ not here yet: waits 2 s for an admit or an activation ──▶ attached, or NOT_OWNER
 *
 * Tokens carry a generation. The next one is given out with each welcome; the last that the client has shown to know stays good, so
 * that a welcome lost on the way costs nothing, and older ones are RESUME_REPLAYED. An acknowledgement shows that the client knows its
 * welcome; a command does not, since the gateway may be repeating what it held.
 */
import type { Span } from '@horizon-atlas/ports';
import type { GatewayToServer } from '@horizon-atlas/protocol';
import type { Delivery } from './delivery.ts';
import type { LinkId } from './out.ts';
import type { GatewayLink, ServerState } from './server-state.ts';
import type { OutMessage, QueuedCommand, Session } from './sessions.ts';

type Attach = Extract<GatewayToServer, { kind: 'attach' }>;

interface Waiting {
  readonly link: LinkId;
  readonly attach: Attach;
  readonly untilMs: number;
  /** Commands that came after the attach without waiting for its answer. */
  readonly commands: QueuedCommand[];
  readonly span: Span | undefined;
}

export class Attaches {
  readonly #state: ServerState;
  readonly #delivery: Delivery;
  readonly #waiting: Waiting[] = [];
  /** Takes a command of a session that has just been attached. */
  onCommand: (session: Session, command: QueuedCommand) => void = () => {};

  /** The player of a session has left. */
  onLeave: (session: Session) => void = () => {};

  constructor(state: ServerState, delivery: Delivery) {
    this.#state = state;
    this.#delivery = delivery;
  }

  attach(link: GatewayLink, attach: Attach): void {
    const { game, nowMs, policy } = this.#state;
    if (attach.schema !== 0 && attach.schema !== game.schema.hash) {
      this.#refuse(link.id, attach, 'SCHEMA_MISMATCH');
      return;
    }
    const session = this.#state.sessions.get(attach.session);
    const { traceparent, reason, session: id } = attach;
    const span = this.#state.tracer.follow(traceparent, 'session.attach', nowMs, { session: id, reason });
    if (session && session.group.epoch >= attach.epoch) {
      this.#settle(link, attach, session, []);
      span?.end(this.#state.clockMs);
      return;
    }
    // Ours by the record, maybe, but we have not heard of it; if it has just left us, we know that it will not come.
    if (!session && this.#state.departedAt(attach.entity) >= attach.epoch) {
      this.#refuse(link.id, attach, 'NOT_OWNER');
      span?.end(nowMs, 'NOT_OWNER');
      return;
    }
    this.#cancel(link.id, attach.handle);
    this.#waiting.push({ link: link.id, attach, untilMs: nowMs + policy.attachWaitMs, commands: [], span });
  }

  /** A command on a handle that has not been attached. False: no attach waits on it either. */
  hold(link: LinkId, handle: number, command: QueuedCommand): boolean {
    const waiting = this.#waiting.find((each) => each.link === link && each.attach.handle === handle);
    if (!waiting) return false;
    if (waiting.commands.length < this.#state.policy.queuedCommandsMax) waiting.commands.push(command);
    return true;
  }

  detach(link: GatewayLink, handle: number, session: string): void {
    this.#cancel(link.id, handle);
    const known = this.#sessionOn(link, handle, session);
    if (!known) return;
    link.handles.delete(handle);
    known.detach(this.#state.nowMs, this.#state.policy);
  }

  /** The player has left for good; what it said before counts. */
  leave(link: GatewayLink, handle: number, session: string): void {
    const known = this.#sessionOn(link, handle, session);
    this.detach(link, handle, session);
    if (known) this.onLeave(known);
  }

  linkDown(link: GatewayLink): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) if (this.#waiting[i]?.link === link.id) this.#waiting.splice(i, 1);
    for (const session of link.handles.values()) session.detach(this.#state.nowMs, this.#state.policy);
    link.handles.clear();
  }

  /** The session is here now, or its group has a new epoch. */
  sessionHere(session: Session): void {
    for (let i = 0; i < this.#waiting.length; i++) {
      const { attach, link: id, commands, span } = this.#waiting[i] as Waiting;
      if (attach.session !== session.id || session.group.epoch < attach.epoch) continue;
      this.#waiting.splice(i--, 1);
      const link = this.#state.links.get(id);
      if (link) this.#settle(link, attach, session, commands);
      span?.set({ waited: true });
      span?.end(this.#state.clockMs);
    }
  }

  tick(nowMs: number): void {
    for (let i = 0; i < this.#waiting.length; i++) {
      const { attach, link, untilMs, span } = this.#waiting[i] as Waiting;
      if (nowMs < untilMs) continue;
      this.#waiting.splice(i--, 1);
      this.#refuse(link, attach, 'NOT_OWNER');
      span?.end(nowMs, 'NOT_OWNER');
    }
  }

  #settle(link: GatewayLink, attach: Attach, session: Session, commands: readonly QueuedCommand[]): void {
    if (!this.#isCurrent(link, attach, session)) {
      this.#refuse(link.id, attach, 'RESUME_REPLAYED');
      return;
    }
    const known = link.handles.get(attach.handle);
    // Said twice: the answer was the same.
    if (known === session && session.attached) {
      this.#delivery.control(link.id, session.attached.answer);
      return;
    }
    this.#silence(link, session);
    session.format = attach.format;
    if (attach.reason === 'switch') {
      // It has no welcome: the client's token stays what it is.
      session.generation = Math.max(session.generation, attach.generation);
    } else {
      // Whoever shows a token knows it. The next one is given out until it is shown or confirmed, however often that takes.
      session.confirm(attach.generation);
      session.generation = session.confirmed + 1;
    }
    session.clearQueue();
    const whole = session.settle(attach.received, attach.reason);
    if (!whole || attach.reason === 'join') session.seen.clear();
    const answer = {
      kind: 'attached',
      handle: attach.handle,
      session: session.id,
      resumed: whole && attach.reason !== 'join',
      applied: session.applied,
      covered: session.covered,
      // At a switch the client has what it had.
      generation: attach.reason === 'switch' && attach.generation > 0 ? attach.generation : session.generation,
      tickHz: Math.round(this.#state.policy.tickHz),
    } as const;
    session.attached = { link: link.id, handle: attach.handle, answer };
    link.handles.set(attach.handle, session);
    this.#delivery.control(link.id, answer);
    for (let i = 0; i < session.unacked.length; i++) {
      const message = session.unacked.at(i) as OutMessage;
      if (message.seq > attach.received) this.#delivery.resend(session, message);
    }
    for (const command of commands) this.onCommand(session, command);
  }

  /** Who knows only an older token than the newest that was confirmed does not speak for the session any more. */
  #isCurrent(link: GatewayLink, { reason, generation }: Attach, session: Session): boolean {
    if (reason === 'resume') return generation >= session.confirmed;
    if (reason === 'join' || generation === 0) return true;
    // A gateway that slept through a resume elsewhere still believes in its old socket, also before that resume is confirmed.
    const { attached } = session;
    const elsewhere = attached && attached.link !== link.id ? attached.answer.generation : 0;
    return generation >= Math.max(session.confirmed, elsewhere);
  }

  #silence(link: GatewayLink, session: Session): void {
    const to = session.attached;
    if (!to) return;
    this.#state.links.get(to.link)?.handles.delete(to.handle);
    // The same gateway knows what it does; another one may not have noticed that its socket is dead.
    if (to.link !== link.id) {
      this.#delivery.control(to.link, {
        kind: 'kick',
        handle: to.handle,
        session: session.id,
        code: 'SESSION_REPLACED',
        message: '',
      });
    }
    session.detach(this.#state.nowMs, this.#state.policy);
  }

  #sessionOn(link: GatewayLink, handle: number, session: string): Session | undefined {
    const known = link.handles.get(handle);
    return known?.id === session ? known : undefined;
  }

  #cancel(link: LinkId, handle: number): void {
    const at = this.#waiting.findIndex((each) => each.link === link && each.attach.handle === handle);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #refuse(link: LinkId, attach: Attach, code: string): void {
    this.#delivery.control(link, { kind: 'attachRefused', handle: attach.handle, session: attach.session, code });
  }
}
