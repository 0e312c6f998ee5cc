/**
 * Which server a session is attached to, and every way in which that changes. See the picture in session.ts.
 *
 * Epochs only go up: what is below the known one is old news. A session that moves gets a new handle at once, so from that
 * moment its former owner is not heard any more, whether or not it knows.
 */
import { closeCodeOf, type ErrorCode, errors, gameLink, type ServerToGateway } from '@horizon-atlas/protocol';
import type { Sender } from './sender.ts';
import type { Server, Servers } from './servers.ts';
import type { Session } from './session.ts';
import type { GatewayState } from './state.ts';

/** Frames of the new owner that count for the gap of a switch. */
const CUT_FRAMES = 3;

type Attached = Extract<ServerToGateway, { kind: 'attached' }>;
/** Where a session is, as the control plane says it; an empty server: somebody is bringing it back. */
export interface Place {
  readonly region: string;
  readonly server: string;
  readonly epoch: number;
  /** Of the handoff that brought it there, if that is sampled. */
  readonly traceparent?: string | undefined;
}

export class Routes {
  readonly #state: GatewayState;
  readonly #servers: Servers;
  readonly #sender: Sender;
  #request = 0;

  constructor(state: GatewayState, servers: Servers, sender: Sender) {
    this.#state = state;
    this.#servers = servers;
    this.#sender = sender;
  }

  // ---- asking the control plane ----

  join(session: Session): void {
    this.#request = (this.#request + 1) >>> 0;
    session.route = { at: 'joining', request: this.#request, sinceMs: this.#state.nowMs };
    this.#ask(session);
  }

  locate(session: Session): void {
    if (session.route.at === 'locating') return;
    this.#servers.retire(session);
    session.route = { at: 'locating', tries: 0, sinceMs: this.#state.nowMs };
    this.#ask(session);
  }

  /** The control plane is back: what waits for an answer is asked again. */
  askAgain(): void {
    for (const session of this.#state.sessions.values()) {
      if (session.route.at === 'joining' || session.route.at === 'locating') this.#ask(session);
    }
  }

  /** The request that `joined` and `refuse` name. */
  joining(request: number, session?: string): Session | undefined {
    if (session !== undefined) {
      const found = this.#state.sessions.get(session);
      return found?.route.at === 'joining' && found.route.request === request ? found : undefined;
    }
    for (const each of this.#state.sessions.values()) {
      if (each.route.at === 'joining' && each.route.request === request) return each;
    }
    return undefined;
  }

  // ---- what the control plane says ----

  /** True if this was news. */
  place(session: Session, to: Place): boolean {
    const { route, epoch } = session;
    if (to.epoch < epoch) return false;
    if (to.epoch === epoch && !this.#lost(session, to.server)) return false;
    const wasAttached = route.at === 'attached';
    this.#servers.retire(session);
    session.region = to.region;
    session.epoch = to.epoch;
    session.dueMs = Number.POSITIVE_INFINITY;
    this.#state.traces.moved(session, to.traceparent, this.#state.nowMs);
    if (wasAttached) this.#cut(session, to.server === '');
    if (to.server === '') {
      session.route = { at: 'paused' };
      this.#state.wake(session, this.#state.nowMs + this.#state.policy.requestMs);
      this.#pause(session);
    } else this.#goTo(session, to.server);
    this.#watchWindow(session);
    return true;
  }

  /** A session's client is back, on a new socket: it needs a handle of its own. */
  rejoin(session: Session): void {
    const { route } = session;
    if (route.at === 'parked' || route.at === 'attaching' || route.at === 'attached') {
      this.#servers.retire(session);
      this.#goTo(session, route.server);
    }
    // Joining, locating, paused and dialing go on as they were, and end in an attach.
  }

  // ---- what happens to links ----

  serverUp(server: Server): void {
    this.#servers.up(server);
    for (const session of [...server.waiting]) {
      server.waiting.delete(session);
      this.#attach(session, server);
    }
  }

  /** The sessions stay where they are, and wait for the link or for news. */
  serverDown(server: Server): void {
    for (const session of this.#servers.down(server)) {
      const wasAttached = session.route.at === 'attached';
      if (wasAttached) this.#cut(session, true);
      if (session.client === undefined) {
        session.route = { at: 'parked', server: server.id };
        continue;
      }
      session.route = { at: 'dialing', server: server.id };
      server.waiting.add(session);
      this.#state.wake(session, this.#state.nowMs + this.#state.policy.requestMs);
      if (wasAttached) this.#pause(session);
    }
  }

  // ---- what servers answer ----

  attached(server: Server, message: Attached): void {
    const session = this.#servers.sessionOf(server, message.handle);
    if (session === undefined || session.id !== message.session) return;
    if (session.route.at !== 'attaching' || session.route.handle !== message.handle) return;
    session.route = { at: 'attached', server: server.id, handle: message.handle };
    session.dueMs = Number.POSITIVE_INFINITY;
    this.#watchWindow(session);
    if (!this.#settleNumbers(session, message)) return;
    if (session.client !== undefined) this.#tell(session, message);
    let replayed = 0;
    session.held.replay(message.applied, (bytes, start, end) => {
      replayed++;
      this.#servers.data(server.id, gameLink.command, message.handle, bytes, start, end);
    });
    this.#state.traces.attached(session, replayed, this.#state.nowMs);
    this.makeRoom(session);
    // An acknowledgement shows that the client knows its welcome, so there is none to repeat before it has said one.
    if (session.acknowledged) this.#servers.ack(session);
  }

  attachRefused(server: Server, handle: number, code: string): void {
    const session = this.#servers.sessionOf(server, handle);
    if (session === undefined) return;
    if (code === 'EPOCH_STALE' || code === 'NOT_OWNER') {
      this.#pause(session);
      this.locate(session);
      return;
    }
    this.#servers.retire(session);
    this.end(session, codeOr(code, 'SESSION_ENDED'), '');
  }

  /** The server lost count, or the gateway did: attach anew, and the server sends again what is missing. */
  resync(session: Session): void {
    const { route } = session;
    if (route.at !== 'attached') return;
    this.#servers.retire(session);
    this.#goTo(session, route.server);
  }

  // ---- the end of a session ----

  /** Forgets a session; its client, if there is one, is told why. */
  end(session: Session, code: ErrorCode, message: string): void {
    const { client } = session;
    this.#state.traces.ended(session, code, this.#state.nowMs);
    this.#servers.detach(session);
    this.#servers.forget(session);
    if (client === undefined) return;
    this.#reportClosed(session, code);
    this.#sender.close(client, code, message);
  }

  /** The player has left for good. */
  leave(session: Session): void {
    const { client } = session;
    this.#servers.leave(session);
    this.#servers.forget(session);
    if (client === undefined) return;
    this.#reportClosed(session, 'SESSION_ENDED');
    this.#sender.close(client, 'SESSION_ENDED', 'the player has left');
  }

  // ---- time ----

  tick(session: Session): void {
    const { policy, nowMs } = this.#state;
    if (session.client === undefined && nowMs >= session.lostMs + policy.resumeMs) {
      this.#servers.forget(session);
      return;
    }
    const { route } = session;
    switch (route.at) {
      case 'joining':
      case 'locating':
        if (this.#patienceOver(session, route.sinceMs)) this.end(session, 'GATEWAY_BUSY', '');
        else this.#ask(session);
        break;
      case 'attaching':
        // No answer: perhaps the server hangs, perhaps it has nothing to do with the session. Ask, and try again meanwhile.
        this.#servers.retire(session);
        this.#goTo(session, route.server);
        this.#whereIs(session);
        break;
      case 'dialing':
        this.#servers.dial(this.#servers.of(route.server));
        this.#whereIs(session);
        this.#state.wake(session, nowMs + policy.requestMs);
        break;
      case 'paused':
        // News may have been lost.
        this.#whereIs(session);
        this.#state.wake(session, nowMs + policy.requestMs);
        break;
      case 'parked':
      case 'attached':
        break;
    }
    this.#watchWindow(session);
  }

  /** Reads a client again that was stopped because too many of its commands were not covered. */
  makeRoom(session: Session): void {
    const { client } = session;
    if (client === undefined || !client.paused || !session.held.roomy) return;
    client.paused = false;
    client.heardMs = this.#state.nowMs;
    session.toldSlow = false;
    this.#state.out.resumeClient(client.conn);
  }

  #ask(session: Session): void {
    const { out, policy, nowMs } = this.#state;
    const { route, id, player, name, client, format } = session;
    let waitMs = policy.requestMs;
    if (route.at === 'joining') {
      const remoteAddress = client?.address.name ?? '';
      const traceparent = session.joinSpan?.traceparent;
      out.toControl({ kind: 'join', request: route.request, session: id, player, name, remoteAddress, format, traceparent });
    } else if (route.at === 'locating') {
      waitMs = Math.min(policy.requestMs, policy.locateMs * 2 ** Math.min(route.tries, 16));
      session.route = { ...route, tries: route.tries + 1 };
      this.#whereIs(session);
    }
    this.#state.wake(session, nowMs + waitMs);
  }

  #whereIs({ id, epoch }: Session): void {
    this.#state.out.toControl({ kind: 'locate', session: id, epoch });
  }

  /** Only who was never welcomed is sent away; a player in play waits as long as it takes. */
  #patienceOver(session: Session, sinceMs: number): boolean {
    if (session.welcome === 'done') return false;
    const { policy, nowMs, control, controlDownMs } = this.#state;
    if (!control && nowMs >= Math.max(sinceMs, controlDownMs) + policy.joinWithoutControlMs) return true;
    return nowMs >= sinceMs + policy.joinMs;
  }

  /** The same epoch again is news only for a session that lost its way. */
  #lost(session: Session, server: string): boolean {
    switch (session.route.at) {
      case 'joining':
      case 'locating':
        return true;
      case 'paused':
        return server !== '';
      case 'parked':
      case 'dialing':
        return session.route.server !== server;
      case 'attaching':
      case 'attached':
        return false;
    }
  }

  #goTo(session: Session, id: string): void {
    const server = this.#servers.of(id);
    if (session.client === undefined) {
      session.route = { at: 'parked', server: id };
    } else if (server.link === 'up') {
      this.#attach(session, server);
    } else {
      session.route = { at: 'dialing', server: id };
      server.waiting.add(session);
      this.#state.wake(session, this.#state.nowMs + this.#state.policy.requestMs);
      this.#servers.dial(server);
    }
  }

  #attach(session: Session, server: Server): void {
    const handle = this.#servers.attach(server, session);
    session.route = { at: 'attaching', server: server.id, handle };
    this.#state.wake(session, this.#state.nowMs + this.#state.policy.attachMs);
  }

  /** A session without a client is forgotten when its window has passed, whatever else it waits for. */
  #watchWindow(session: Session): void {
    if (session.client !== undefined) return;
    this.#state.wake(session, Math.min(session.dueMs, session.lostMs + this.#state.policy.resumeMs));
  }

  /** Brings the session's numbers in line with the server's. False: that is not possible, and the client was sent away. */
  #settleNumbers(session: Session, { applied, covered, resumed, generation }: Attached): boolean {
    const { held } = session;
    const fresh = !session.known;
    const highest = Math.max(session.lastSeq, session.applied);
    const resuming = session.welcome === 'resume';
    session.known = true;
    // At a switch the client keeps the token that it has; the server may have given a newer one to another gateway.
    if (session.welcome !== 'done') session.generation = generation;
    session.applied = applied;
    session.covered = Math.max(covered, session.covered);
    // Commands of horizon.v1 that came before were numbered from 1 for want of anything better.
    if (fresh) held.renumber(applied + 1);
    held.release(session.covered);
    if (resuming && !resumed) session.forwarded = -1;
    // Something has to be done again that is not held here: see HeldCommands.
    const missing = !fresh && highest > applied && (held.count === 0 || held.firstSeq > applied + 1);
    // Unless the client has yet to answer its welcome: it sends everything again after what was covered then.
    const comes = missing && session.format === 'atlas' && session.welcome === 'done' && !session.confirmed;
    const hole = missing && !comes;
    if (hole) this.#state.counters.holes++;
    if (session.format === 'horizon') {
      // Only this gateway numbers them.
      if (hole) held.renumber(applied + 1);
      if (hole || fresh) session.lastSeq = applied + held.count;
    } else if (fresh) {
      // The client sends again what is not covered, or what was not applied: both are in order.
      session.lastSeq = Math.min(covered, applied);
    } else if (resuming && (hole || !resumed)) {
      // The client sends everything after `applied` again, or has forgotten it and counts on from there.
      held.clear();
      session.lastSeq = applied;
    } else if (comes) {
      held.clear();
      session.lastSeq = applied;
    } else if (hole) {
      // The client still has them, and sends them again when it resumes.
      if (session.client !== undefined) this.#sender.close(session.client, 'INTERNAL', 'commands have to be sent again');
      return false;
    }
    session.nextSeqMax = (comes ? highest : Math.max(session.lastSeq, applied)) + 1;
    return true;
  }

  #tell(session: Session, { tickHz, resumed }: Attached): void {
    const again = session.welcome === 'done';
    if (!again) {
      const honest = session.welcome === 'resume' && resumed;
      session.confirmed = false;
      session.acknowledged = false;
      this.#sender.welcome(session, tickHz, honest);
      session.welcome = 'done';
      this.#state.traces.welcomed(session, this.#state.nowMs);
      this.#state.reports.changed(session);
    } else if (session.toldPaused) {
      this.#sender.notice(session, 'resumed');
    } else if (session.toldEpoch !== session.epoch) {
      this.#sender.notice(session, 'region');
    }
    session.toldPaused = false;
    session.toldEpoch = session.epoch;
    // A handoff covers commands, too; if it was the last thing that did, no further acks frame would say so.
    if (again && session.client !== undefined) this.#sender.progress(session.client, session.applied, session.covered);
  }

  #pause(session: Session): void {
    if (session.toldPaused) return;
    session.toldPaused = true;
    this.#sender.notice(session, 'paused');
  }

  #cut(session: Session, recovery: boolean): void {
    if (session.client === undefined || Number.isNaN(session.latestMs)) return;
    if (session.cutFrames === 0) {
      session.cutGapMs = 0;
      session.cutRecovery = false;
    }
    session.cutFrames = CUT_FRAMES;
    session.cutRecovery ||= recovery;
  }

  /** `forget` has taken the client from the session, so that closing it does not look like a lost socket. */
  #reportClosed(session: Session, code: ErrorCode): void {
    this.#state.out.toControl({
      kind: 'closed',
      session: session.id,
      player: session.player,
      closeCode: closeCodeOf(code),
      code,
    });
  }
}

/** A code of the table that ends connections, or `other`. */
export function codeOr(code: string, other: ErrorCode): ErrorCode {
  if (!Object.hasOwn(errors, code)) return other;
  return 'close' in errors[code as ErrorCode] ? (code as ErrorCode) : other;
}
