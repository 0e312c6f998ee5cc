/**
 * A game client's side of atlas.v1 without a socket and without a clock: told what happened and when, it says what to do. The same
 * engine runs behind a browser's WebSocket, behind Node's, and in the simulator.
 *
 *            start            opened            welcome
 *   idle ───────────▶ dialling ───────▶ greeting ───────▶ online
 *                        ▲ ▲                │               │  lost, drained, silent
 *                        │ └──── waiting ◀──┴───────────────┘
 *                        └───────────┘  after a jittered wait            any ──refused for good, stop──▶ closed
 *
 * What it promises a game: a command that `send` took takes effect exactly once and in order, as long as the session lives; a message
 * arrives exactly once and in order; and when either promise ends (`resumed: false`, `dropped`), the game is told, never left to guess.
 */
import { Reader } from '@horizon-atlas/base';
import {
  CLIENT_PROTOCOL,
  ClientFrame,
  type Codec,
  EntityState,
  type ErrorCode,
  type ErrorEntry,
  errors,
  events,
  GatewayFrame,
  limits,
  View,
} from '@horizon-atlas/protocol';
import type { ClientConfig, ClientOut, ClientStatus, GatewayNotice, GatewayWelcome, SendResult } from './client-io.ts';
import { CommandLog } from './command-log.ts';
import { Dialer } from './dialer.ts';
import { type ClientPolicy, defaultPolicy } from './policy.ts';
import { type Entity, type GapStats, Sight } from './sight.ts';

type Phase = 'idle' | 'dialling' | 'greeting' | 'online' | 'waiting' | 'closed';

/** Refusals of the resume token, not of the player: a new session may still begin. */
const RESUME_LOST: ReadonlySet<ErrorCode> = new Set(['RESUME_INVALID', 'RESUME_REPLAYED', 'SESSION_EXHAUSTED']);
/** The gateway is not the place now, but nothing speaks against trying another at once. */
const AT_ONCE: ReadonlySet<ErrorCode> = new Set(['GATEWAY_DRAINING', 'IDLE_TIMEOUT', 'HANDSHAKE_TIMEOUT', 'INTERNAL']);

const codeByClose = new Map<number, ErrorCode>();
for (const [code, entry] of Object.entries(errors) as [ErrorCode, ErrorEntry][]) {
  if (entry.close !== undefined && !codeByClose.has(entry.close)) codeByClose.set(entry.close, code);
}

export class ClientEngine<E = Uint8Array> {
  readonly #out: ClientOut<E>;
  readonly #policy: ClientPolicy;
  readonly #schema: number;
  readonly #random: () => number;
  readonly #dialer: Dialer;
  readonly #commands: CommandLog;
  readonly #sight: Sight<E>;
  readonly #latest = new Map<number, Uint8Array>();
  #token: string;
  #phase: Phase = 'idle';
  #welcome: GatewayWelcome | undefined;
  #resume = '';
  /** The highest message received of the session. */
  #received = 0;
  /** Messages were lost: the next one's number may be any above `#received`. */
  #broken = false;
  #applied = 0;
  #unacked = 0;
  #lastRefusal: ErrorCode | undefined;
  /** When the outage or the first connect began. */
  #lostMs = 0;
  #onlineMs = 0;
  #heardMs = 0;
  #pingMs = Number.NaN;
  #rttMs = Number.NaN;
  // Due times; Infinity when there is nothing to do.
  #retryDue = Number.POSITIVE_INFINITY;
  #attemptDue = Number.POSITIVE_INFINITY;
  #giveUpDue = Number.POSITIVE_INFINITY;
  #ackDue = Number.POSITIVE_INFINITY;
  #pingDue = Number.POSITIVE_INFINITY;
  #silenceDue = Number.POSITIVE_INFINITY;
  #wakeDue = Number.POSITIVE_INFINITY;
  #moveDue = Number.POSITIVE_INFINITY;
  #flushDue = Number.POSITIVE_INFINITY;
  #nowMs = 0;
  #duplicates = 0;

  constructor(config: ClientConfig<E>, out: ClientOut<E>) {
    this.#out = out;
    this.#policy = { ...defaultPolicy, ...config.policy };
    this.#schema = config.schema;
    this.#random = config.random;
    this.#token = config.token;
    this.#dialer = new Dialer(config.url, this.#policy, config.random);
    this.#commands = new CommandLog(this.#policy.commandsMax, this.#policy.commandBytesMax);
    const decode = config.decodeState ?? ((state: Uint8Array) => state as E);
    this.#sight = new Sight(out, decode, this.#policy);
  }

  // ---- what the game asks ----

  get status(): ClientStatus {
    if (this.#phase === 'closed') return 'closed';
    if (this.#phase === 'online') return 'online';
    return this.#welcome === undefined ? 'connecting' : 'reconnecting';
  }

  /** The last welcome; undefined before the first. */
  get session(): GatewayWelcome | undefined {
    return this.#welcome;
  }

  get region(): string {
    return this.#sight.region;
  }

  get entities(): ReadonlyMap<number, Entity<E>> {
    return this.#sight.entities;
  }

  get gaps(): GapStats {
    return this.#sight.gaps;
  }

  resetGaps(): void {
    this.#sight.resetGaps();
  }

  /** Round trip to the gateway in milliseconds; NaN before the first. */
  get rttMs(): number {
    return this.#rttMs;
  }

  /** The last command that has taken effect. Falls back, to what is covered at the least, when a game server dies; it recovers by replay. */
  get applied(): number {
    return this.#applied;
  }

  /** Commands sent or waiting that are not yet covered. */
  get uncovered(): number {
    return this.#commands.length;
  }

  /** Messages that came again and were dropped. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** The next moment at which `tick` has something to do; Infinity: never, unless something happens. */
  get dueMs(): number {
    return Math.min(
      this.#retryDue,
      this.#attemptDue,
      this.#giveUpDue,
      this.#ackDue,
      this.#pingDue,
      this.#silenceDue,
      this.#wakeDue,
      this.#moveDue,
      this.#flushDue,
    );
  }

  /** A reliable command: takes effect exactly once, in order. Without a connection it waits for one. */
  send(event: number, payload: Uint8Array): SendResult {
    if (this.#phase === 'closed') return { ok: false, code: 'SESSION_ENDED' };
    const added = this.#commands.add(event, payload);
    if (typeof added === 'string') return { ok: false, code: added };
    if (this.#phase === 'online') this.#out.send(added.frame);
    return { ok: true, seq: added.seq };
  }

  /** Replaceable: a newer one of the same event may overtake it. False: too long, closed, or too many different events wait. */
  sendLatest(event: number, payload: Uint8Array): boolean {
    if (this.#phase === 'closed' || payload.length > limits.clientMessageBytes) return false;
    const online = this.#phase === 'online';
    if (online && !this.#latest.has(event) && this.#out.backlogBytes() <= this.#policy.backlogBytesMax) {
      this.#out.send(ClientFrame.encode({ kind: 'latest', event, payload }));
      return true;
    }
    if (!this.#latest.has(event) && this.#latest.size >= this.#policy.latestEventsMax) return false;
    this.#latest.set(event, payload.slice());
    if (online) this.#flushDue = Math.min(this.#flushDue, this.#nowMs + this.#policy.ackMs);
    return true;
  }

  /** For the next hello. */
  useToken(token: string): void {
    this.#token = token;
  }

  // ---- what happens ----

  start(nowMs: number): void {
    if (this.#phase !== 'idle') return;
    this.#nowMs = nowMs;
    this.#lostMs = nowMs;
    this.#giveUpDue = nowMs + this.#policy.firstConnectMs;
    this.#out.status('connecting', undefined);
    this.#dial(nowMs);
  }

  /** The socket of the last `connect` is open. */
  opened(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#phase !== 'dialling') return;
    this.#phase = 'greeting';
    this.#attemptDue = nowMs + this.#policy.welcomeMs;
    const received = this.#received;
    const [version, token, resume, schema] = [CLIENT_PROTOCOL, this.#token, this.#resume, this.#schema];
    this.#out.send(ClientFrame.encode({ kind: 'hello', version, token, resume, received, schema }));
  }

  /** The socket is gone, or could not be made (1006). Reported once for each `connect`, and not after the engine's own `close`. */
  closed(closeCode: number, nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#phase === 'idle' || this.#phase === 'waiting' || this.#phase === 'closed') return;
    const code = codeByClose.get(closeCode);
    if (code === undefined || AT_ONCE.has(code)) {
      this.#lose(code, code === 'GATEWAY_DRAINING', nowMs);
      return;
    }
    if (RESUME_LOST.has(code)) {
      // The player is welcome, the session is gone: the next hello asks for a new one.
      this.#resume = '';
      this.#lose(code, false, nowMs);
      return;
    }
    if (!errors[code].retry) {
      this.#end(code);
      return;
    }
    this.#dialer.refused();
    this.#lose(code, true, nowMs);
  }

  fromGateway(bytes: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#phase !== 'greeting' && this.#phase !== 'online') return;
    this.#heardMs = nowMs;
    this.#wakeDue = Number.POSITIVE_INFINITY;
    const frame = GatewayFrame.decode(bytes);
    if (frame === undefined || (frame.kind === 'welcome') !== (this.#phase === 'greeting')) {
      this.#drop('MESSAGE_INVALID', nowMs);
      return;
    }
    switch (frame.kind) {
      case 'welcome':
        this.#greeted(frame, nowMs);
        break;
      case 'message':
        this.#message(frame.seq, frame.event, frame.payload, nowMs);
        break;
      case 'latest':
        this.#fromLatest(frame.event, frame.payload, frame.key, nowMs);
        break;
      case 'acks':
        this.#applied = frame.applied;
        this.#commands.cover(frame.covered);
        break;
      case 'pong':
        this.#rttMs = frame.stamp === stampOf(this.#pingMs) ? nowMs - this.#pingMs : this.#rttMs;
        break;
      case 'notice':
        this.#notice(frame, nowMs);
        break;
    }
  }

  /** To be called at `dueMs`; earlier does nothing. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs >= this.#giveUpDue) {
      this.#end(this.#lastRefusal ?? 'NOT_RUNNING');
      return;
    }
    if (nowMs >= this.#attemptDue) {
      this.#drop('HANDSHAKE_TIMEOUT', nowMs);
      return;
    }
    if (nowMs >= this.#wakeDue) {
      this.#drop('IDLE_TIMEOUT', nowMs);
      return;
    }
    if (nowMs >= this.#silenceDue) {
      const silenceMs = 2 * (this.#welcome?.heartbeatMs ?? 0);
      if (nowMs >= this.#heardMs + silenceMs) {
        this.#drop('IDLE_TIMEOUT', nowMs);
        return;
      }
      this.#silenceDue = this.#heardMs + silenceMs;
    }
    if (nowMs >= this.#moveDue) {
      this.#out.close(1000, 'moving to another gateway');
      this.#lose('GATEWAY_DRAINING', true, nowMs);
      return;
    }
    if (nowMs >= this.#retryDue) this.#dial(nowMs);
    if (nowMs >= this.#ackDue) this.#ack();
    if (nowMs >= this.#pingDue) this.#ping(nowMs);
    if (nowMs >= this.#flushDue) this.#flush(nowMs);
  }

  /** The host slept, or has a network again: no wait goes on, and a connection has to show that it is there. */
  wake(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#phase === 'waiting') {
      this.#dialer.succeeded();
      this.#dial(nowMs);
    } else if (this.#phase === 'online') {
      // What came while it slept may still wait in the socket: its silence is counted from here.
      this.#heardMs = nowMs;
      this.#wakeDue = nowMs + this.#policy.wakeMs;
      this.#ping(nowMs);
    }
  }

  /** The player leaves: the session ends at once instead of waiting for a resume. */
  stop(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#phase === 'closed') return;
    if (this.#phase === 'online') {
      this.#ack();
      this.#out.send(ClientFrame.encode({ kind: 'bye' }));
    }
    this.#end(undefined);
  }

  // ---- connection ----

  #dial(nowMs: number): void {
    this.#phase = 'dialling';
    this.#retryDue = Number.POSITIVE_INFINITY;
    this.#attemptDue = nowMs + this.#policy.openMs;
    this.#out.connect(this.#dialer.url);
  }

  #greeted(welcome: GatewayWelcome, nowMs: number): void {
    if (welcome.version !== CLIENT_PROTOCOL) {
      this.#end('VERSION_UNKNOWN');
      return;
    }
    const former = this.#welcome?.session;
    const first = former === undefined;
    const same = former === welcome.session;
    this.#welcome = welcome;
    this.#resume = welcome.resume;
    this.#lastRefusal = undefined;
    this.#phase = 'online';
    this.#onlineMs = nowMs;
    this.#dialer.learn(welcome.gateways);
    this.#giveUpDue = Number.POSITIVE_INFINITY;
    this.#attemptDue = Number.POSITIVE_INFINITY;
    this.#pingDue = nowMs;
    this.#silenceDue = nowMs + 2 * welcome.heartbeatMs;
    // A session that broke keeps its commands as long as it is the same session: only messages were lost. A new one begins anew.
    const lost = first || same ? 0 : this.#commands.restart(welcome.applied);
    if (!first && !same) this.#received = 0;
    this.#broken = !first && same && !welcome.resumed;
    this.#applied = welcome.applied;
    this.#commands.cover(welcome.covered);
    this.#sight.begin(welcome.entity, welcome.region, !first && !welcome.resumed);
    this.#out.status('online', undefined);
    this.#out.welcome(welcome, first ? 0 : nowMs - this.#lostMs);
    if (lost > 0) this.#out.dropped(lost);
    // Any ack tells the gateway that this welcome arrived, which retires the resume token before it.
    this.#ack();
    // From what is covered, not from what is applied: this gateway may be another than before, and has to hold for the server's death
    // what the server has applied and not yet made durable. The server drops what it knows.
    const replayed = this.#commands.replay(welcome.covered, (command) => this.#out.send(command.frame));
    if (replayed > 0) this.#out.replayed(replayed);
    this.#flush(nowMs);
  }

  /** The engine gives a connection up that the other side has not closed. */
  #drop(code: ErrorCode, nowMs: number): void {
    this.#out.close(1000, errors[code].text);
    if (!AT_ONCE.has(code)) this.#dialer.refused();
    this.#lose(code, code === 'MESSAGE_INVALID', nowMs);
  }

  #lose(code: ErrorCode | undefined, elsewhere: boolean, nowMs: number): void {
    const wasOnline = this.#phase === 'online';
    if (wasOnline) {
      if (nowMs - this.#onlineMs >= this.#policy.stableMs) this.#dialer.succeeded();
      this.#lostMs = nowMs;
      this.#giveUpDue = nowMs + this.#policy.reconnectMs;
    }
    if (code !== undefined) this.#lastRefusal = code;
    this.#phase = 'waiting';
    this.#calm();
    this.#retryDue = nowMs + this.#dialer.failed(elsewhere);
    if (wasOnline) this.#out.status('reconnecting', code);
  }

  #end(code: ErrorCode | undefined): void {
    this.#phase = 'closed';
    this.#calm();
    this.#giveUpDue = Number.POSITIVE_INFINITY;
    this.#latest.clear();
    this.#out.close(1000, '');
    this.#out.status('closed', code);
  }

  /** Nothing of a connection is due any more. */
  #calm(): void {
    this.#retryDue = Number.POSITIVE_INFINITY;
    this.#attemptDue = Number.POSITIVE_INFINITY;
    this.#ackDue = Number.POSITIVE_INFINITY;
    this.#pingDue = Number.POSITIVE_INFINITY;
    this.#silenceDue = Number.POSITIVE_INFINITY;
    this.#wakeDue = Number.POSITIVE_INFINITY;
    this.#moveDue = Number.POSITIVE_INFINITY;
    this.#flushDue = Number.POSITIVE_INFINITY;
  }

  // ---- frames ----

  #message(seq: number, event: number, payload: Uint8Array, nowMs: number): void {
    // A gap cannot be: resume from what is really here.
    if (seq > this.#received + 1 && !this.#broken) {
      this.#drop('MESSAGE_INVALID', nowMs);
      return;
    }
    const again = seq <= this.#received;
    if (again) this.#duplicates++;
    else {
      this.#received = seq;
      this.#broken = false;
    }
    if (++this.#unacked >= this.#policy.ackMessages) this.#ack();
    else this.#ackDue = Math.min(this.#ackDue, nowMs + this.#policy.ackMs);
    if (again) return;
    if (event !== events.entity) {
      this.#out.message(event, payload, seq);
      return;
    }
    const state = decodeWhole(EntityState, payload);
    if (state !== undefined) this.#sight.state(state);
  }

  #fromLatest(event: number, payload: Uint8Array, key: number, nowMs: number): void {
    if (event !== events.view) {
      this.#out.latest(event, payload, key);
      return;
    }
    const view = decodeWhole(View, payload);
    if (view !== undefined && this.#sight.view(view, nowMs)) this.#out.view(view);
  }

  #notice(notice: GatewayNotice, nowMs: number): void {
    if (notice.notice === 'region') this.#sight.moved(notice.region, notice.epoch);
    // Spread out, so that a gateway's clients do not all leave in one instant.
    if (notice.notice === 'draining' && this.#dialer.size > 1) this.#moveDue = nowMs + this.#random() * 1000;
    this.#out.notice(notice);
  }

  #ack(): void {
    this.#ackDue = Number.POSITIVE_INFINITY;
    this.#unacked = 0;
    this.#out.send(ClientFrame.encode({ kind: 'ack', received: this.#received }));
  }

  #ping(nowMs: number): void {
    this.#pingMs = nowMs;
    this.#pingDue = nowMs + (this.#welcome?.heartbeatMs ?? 0) / 2;
    this.#out.send(ClientFrame.encode({ kind: 'ping', stamp: stampOf(nowMs) }));
  }

  #flush(nowMs: number): void {
    this.#flushDue = Number.POSITIVE_INFINITY;
    for (const [event, payload] of this.#latest) {
      if (this.#out.backlogBytes() > this.#policy.backlogBytesMax) {
        this.#flushDue = nowMs + this.#policy.ackMs;
        return;
      }
      this.#latest.delete(event);
      this.#out.send(ClientFrame.encode({ kind: 'latest', event, payload }));
    }
  }
}

/** Never 0, which is the stamp of a gateway's own sign of life. */
function stampOf(ms: number): number {
  return Math.floor(ms) >>> 0 || 1;
}

/** undefined: malformed, or with bytes left over. */
function decodeWhole<T>(codec: Codec<T>, payload: Uint8Array): T | undefined {
  const r = new Reader(payload);
  const value = codec.read(r);
  return r.bad || r.left > 0 ? undefined : value;
}
