/**
 * The least that a gateway and a game server are to a client, with every bad habit of a network: sockets that die at any byte,
 * dials that vanish, servers that fall back to what was covered, gateways that forget. For the property test of the engine.
 */
import type { Prng } from '@horizon-atlas/base';
import { ClientFrame, type GatewayFrame, GatewayFrame as GatewayFrameCodec } from '@horizon-atlas/protocol';
import type { ClientEngine } from '../src/core/client-engine.ts';

interface Late {
  readonly atMs: number;
  readonly run: () => void;
}

export class ModelWorld {
  /** Set right after construction: the two know each other. */
  engine: ClientEngine | undefined;
  nowMs = 0;
  /** Event ids that took effect, in order: what the world looks like now. */
  applied: number[] = [];
  /** Distinct numbers of messages given to the session, and what was sent under them. */
  readonly messages: number[] = [];

  readonly #prng: Prng;
  readonly #queue: Late[] = [];
  #socket = 0;
  #generation = 0;
  /** The newest token that the client has proved to have. Any number of welcomes may have got lost since. */
  #confirmed = 0;
  #session = '';
  #sessions = 0;
  #covered: number[] = [];
  /** What the gateway holds of this connection, for the server's death. */
  #held = new Map<number, number>();
  #acked = 0;
  #bound = false;
  faults = true;

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  // ---- what the engine asks for ----

  connect(): void {
    const socket = ++this.#socket;
    this.#bound = false;
    const fate = this.faults ? this.#prng.unit() : 1;
    if (fate < 0.15) return; // a black hole
    if (fate < 0.3) this.#later(socket, () => this.#lose(1006));
    else this.#later(socket, () => this.engine?.opened(this.nowMs));
  }

  close(): void {
    this.#socket++;
  }

  send(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.#later(this.#socket, () => this.#receive(copy));
  }

  // ---- the world's own doing ----

  /** Runs everything that is due until `untilMs`. */
  run(untilMs: number): void {
    while (true) {
      const next = this.#queue.length === 0 ? Number.POSITIVE_INFINITY : (this.#queue[0] as Late).atMs;
      const due = Math.min(next, this.engine?.dueMs ?? Number.POSITIVE_INFINITY);
      if (due > untilMs) break;
      this.nowMs = Math.max(this.nowMs, due);
      if (next <= due) (this.#queue.shift() as Late).run();
      else this.engine?.tick(this.nowMs);
    }
    this.nowMs = untilMs;
  }

  /** The socket dies here and now; what was under way is lost. */
  cut(): void {
    if (this.#socket > 0) this.#lose(1006);
  }

  checkpoint(): void {
    this.#covered = [...this.applied];
    this.#acks();
  }

  /** The server dies and comes back from its checkpoint; the gateway replays what it holds. */
  crash(): void {
    this.applied = [...this.#covered];
    if (!this.#bound) return;
    for (const [seq, event] of [...this.#held].sort(([a], [b]) => a - b)) this.#apply(seq, event);
    this.#acks();
  }

  say(event: number): void {
    this.messages.push(event);
    if (this.#bound) this.#tell(this.messages.length);
  }

  // ---- the gateway and the server ----

  #receive(bytes: Uint8Array): void {
    const frame = ClientFrame.decode(bytes);
    if (frame === undefined) throw new Error('the client sent what is no frame');
    if (frame.kind === 'hello') return this.#welcome(frame.resume, frame.received);
    this.#confirmed = this.#generation;
    if (frame.kind === 'command') this.#apply(frame.seq, frame.event);
    else if (frame.kind === 'ack') this.#acked = Math.max(this.#acked, frame.received);
    else if (frame.kind === 'ping') this.#answer({ kind: 'pong', stamp: frame.stamp });
  }

  #welcome(resume: string, received: number): void {
    const [session, generation] = resume.split('/');
    const resumed = this.#session !== '' && session === this.#session;
    if (resumed && Number(generation) < this.#confirmed) throw new Error('the client resumed by a token that it had used');
    if (!resumed) {
      // The welcome before this one got lost on the way, so nobody has heard or done anything in that session.
      if (this.applied.length > 0) throw new Error('the client left a session in which it had acted');
      this.#session = `s${++this.#sessions}`;
      this.#confirmed = 0;
      this.messages.length = 0;
    }
    if (resumed && received < this.#acked) throw new Error('the client forgot a message that it had acknowledged');
    this.#held = new Map();
    this.#bound = true;
    this.#generation++;
    this.#answer({
      kind: 'welcome',
      version: 1,
      session: this.#session,
      resume: `${this.#session}/${this.#generation}`,
      resumeMs: 120_000,
      resumed,
      applied: this.applied.length,
      covered: this.#covered.length,
      player: 'ann',
      entity: 1,
      region: 'alpha',
      epoch: 1,
      tickHz: 20,
      heartbeatMs: 1_000,
      gateways: ['wss://b', 'wss://c'],
    });
    for (let seq = received + 1; seq <= this.messages.length; seq++) this.#tell(seq);
  }

  #apply(seq: number, event: number): void {
    this.#held.set(seq, event);
    if (seq <= this.applied.length) return;
    if (seq !== this.applied.length + 1) throw new Error(`command ${seq} came after ${this.applied.length}`);
    this.applied.push(event);
    this.#acks();
  }

  #acks(): void {
    if (this.#bound) this.#answer({ kind: 'acks', applied: this.applied.length, covered: this.#covered.length });
  }

  #tell(seq: number): void {
    this.#answer({ kind: 'message', seq, event: this.messages[seq - 1] as number, payload: new Uint8Array(0) });
    // A gateway that took over may repeat; the client must not.
    if (this.faults && this.#prng.chance(0.1)) {
      this.#answer({ kind: 'message', seq, event: this.messages[seq - 1] as number, payload: new Uint8Array(0) });
    }
  }

  #answer(frame: GatewayFrame): void {
    const bytes = GatewayFrameCodec.encode(frame);
    this.#later(this.#socket, () => this.engine?.fromGateway(bytes, this.nowMs));
  }

  #lose(code: number): void {
    this.#socket++;
    this.#bound = false;
    this.engine?.closed(code, this.nowMs);
  }

  /** In order per socket, as TCP is, and never once the socket is gone. */
  #later(socket: number, run: () => void): void {
    const last = this.#queue.at(-1)?.atMs ?? 0;
    const atMs = Math.max(last, this.nowMs + this.#prng.below(20));
    this.#queue.push({ atMs, run: () => socket === this.#socket && run() });
  }
}
