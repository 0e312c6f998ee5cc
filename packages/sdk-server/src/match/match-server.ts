/**
 * For game servers that are given away as a whole: match servers, lobbies. The process connects, says when it is ready, and is given sessions.
 *
 *   const server = await connect();
 *   await server.ready();                          // resolves when it is allocated, or is to end
 *   for await (const session of server.sessions()) {
 *     …                                            // play; let players in by server.admitted(token)
 *     await session.end({ winner: 'blue' });
 *   }
 *   // here the server is to end
 *
 * The link to Atlas is dialled for ever: while Atlas is away, matches go on, and what was said meanwhile is told when it is back.
 */
import { makeLinks } from '@horizon-atlas/adapter-link';
import type { Clock, Link, Links } from '@horizon-atlas/ports';
import {
  AtlasError,
  ControlToMatchServer,
  type GameServerCounter,
  type GameServerList,
  LINK_PROTOCOL,
  MatchServerToControl,
} from '@horizon-atlas/protocol';
import { hostClock } from '../host-clock.ts';
import { keepCompiled } from '../keep-compiled.ts';
import { type Admission, JoinKeys } from './join-token.ts';
import { Session } from './session.ts';

export interface ConnectOptions {
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How long the first connection may take, ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** SIGTERM and SIGINT end the server as Atlas's own word does. Default true. */
  readonly signals?: boolean;
}

/** What ends the wait of `ready`: a session, or the end of this server. */
export type ReadyOutcome = 'allocated' | 'draining';

/** Between two dials of the control plane: doubling, with jitter, so that a restarted one is not dialled by all at once. */
const redialMs = { first: 25, max: 500 };
/** Words that are kept while Atlas is away; the oldest go first. */
const keptWords = 10_000;
/** Of players, a word has no more. */
const namesMost = 1_000;
const resultBytesMax = 16_384;

/** What it stands on: the process that it is, or the simulator's. */
export interface MatchHost {
  readonly clock: Clock;
  readonly links: Pick<Links, 'dial'>;
  readonly pid: number;
  /** Chance in [0, 1). */
  unit(): number;
}

export type Words = Exclude<MatchServerToControl, { kind: 'hello' }>;

/** Rejects with LINK_REFUSED where this process was not started by Atlas, or Atlas does not answer in time. */
export async function connect(options: ConnectOptions = {}): Promise<MatchServer> {
  const env = options.env ?? process.env;
  const [id, control] = [env.ATLAS_SERVER_ID, env.ATLAS_CONTROL];
  if (!id || !control) {
    throw new AtlasError(
      'LINK_REFUSED',
      'ATLAS_SERVER_ID and ATLAS_CONTROL are not set: a match server is started by Atlas (fleets of atlas.config.ts), not by hand',
    );
  }
  const host = { clock: hostClock, links: makeLinks({ clock: hostClock }), pid: process.pid, unit: () => Math.random() };
  const server = new MatchServer(id, control, env, host);
  await server.opened(options.timeoutMs ?? 10_000);
  keepCompiled();
  if (options.signals ?? true) for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => server.drain());
  return server;
}

export class MatchServer {
  readonly id: string;
  readonly #control: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #host: MatchHost;
  readonly #keys = new JoinKeys();
  readonly #sessions = new Map<string, Session>();
  /** Given, and not yet taken by `sessions()`. */
  readonly #waiting: Session[] = [];
  /** Whether anybody takes them so. */
  #looped = false;
  #wake: (() => void)[] = [];
  /** Words that hold on, by what they are about: said at each hello, since a link that is lost takes with it what was on its way. */
  readonly #standing = new Map<string, () => Words>();
  /** Of those that came and left by name. */
  readonly #players = new Set<string>();
  readonly #unsaid: Words[] = [];
  readonly #refusals = new Set<(what: string, name: string) => void>();
  #draining = false;
  #ended = false;
  #link: Link | undefined;
  #redials = 0;
  #state: Omit<Extract<ControlToMatchServer, { kind: 'state' }>, 'kind'> | undefined;
  #opened = Promise.withResolvers<void>();

  /** @internal */
  constructor(id: string, control: string, env: Readonly<Record<string, string | undefined>>, host: MatchHost) {
    this.id = id;
    this.#host = host;
    this.#control = control;
    this.#env = env;
    this.#dial();
  }

  /** @internal */
  async opened(timeoutMs: number): Promise<void> {
    const { clock } = this.#host;
    const cancel = clock.at(clock.now() + timeoutMs, () =>
      this.#opened.reject(new AtlasError('LINK_REFUSED', `Atlas does not answer at ${this.#control}`)),
    );
    await this.#opened.promise.finally(cancel);
  }

  /** A port that Atlas has found for it, by its name in the configuration. Throws if there is none of that name. */
  port(name: string): number {
    const port = Number(this.#env[portVariable(name)]);
    if (Number.isInteger(port) && port > 0) return port;
    throw new AtlasError('CONFIG_INVALID', `there is no port ${name}: name it in the fleet's ports of atlas.config.ts`);
  }

  /** Where it is to listen. */
  get host(): string {
    return this.#env.ATLAS_HOST ?? '127.0.0.1';
  }

  /** As Atlas last said. */
  get labels(): Readonly<Record<string, string>> {
    return Object.fromEntries((this.#state?.labels ?? []).map(({ key, value }) => [key, value]));
  }

  get annotations(): Readonly<Record<string, string>> {
    return Object.fromEntries((this.#state?.annotations ?? []).map(({ key, value }) => [key, value]));
  }

  get counters(): Readonly<Record<string, GameServerCounter>> {
    return Object.fromEntries((this.#state?.counters ?? []).map(({ name, count, capacity }) => [name, { count, capacity }]));
  }

  get lists(): Readonly<Record<string, GameServerList>> {
    return Object.fromEntries((this.#state?.lists ?? []).map(({ name, values, capacity }) => [name, { values, capacity }]));
  }

  get state(): string {
    return this.#state?.state ?? '';
  }

  /** Nobody new comes any more, and it is to end when its sessions are over. */
  get isDraining(): boolean {
    return this.#draining;
  }

  /** It loads, and will be ready: told apart from a start that hangs. */
  warming(): void {
    this.#say({ kind: 'warming' });
  }

  /** It can take a session. Resolves when it has one, or is to end. */
  async ready(): Promise<ReadyOutcome> {
    if (!this.#standing.has('ready')) this.#stand('ready', { kind: 'ready' });
    while (this.#sessions.size === 0 && !this.#draining) await this.#news();
    return this.#sessions.size > 0 ? 'allocated' : 'draining';
  }

  /** Each session that it is given, in order; ends when the server is to end. Says `ready` itself, if nobody has. */
  async *sessions(): AsyncGenerator<Session, void, undefined> {
    this.#looped = true;
    if (!this.#standing.has('ready')) void this.ready();
    while (true) {
      const session = this.#waiting.shift();
      if (session) {
        // Whoever takes it has this turn to make room for players.
        const { clock } = this.#host;
        clock.at(clock.now(), () => this.#tellAll());
        yield session;
      } else if (this.#draining) return;
      else await this.#news();
    }
  }

  /** Whether whoever shows this token may come in. Checked here, without asking anybody. */
  admit(token: string): Admission {
    return this.#keys.admit(token, this.id, new Set(this.#sessions.keys()), this.#host.clock.wall() / 1000);
  }

  /**
   * Like `admit`, but waits up to `withinMs` for a match of which this server has not heard yet, or that `sessions()` has not given out yet: it is told of the match in
   * the moment in which the player is told of the server, and who is nearby may be here first, or before the match that was played last is put away.
   */
  async admitted(token: string, withinMs = 2_000): Promise<Admission> {
    const { clock } = this.#host;
    const late = Promise.withResolvers<'late'>();
    const cancel = clock.at(clock.now() + withinMs, () => late.resolve('late'));
    try {
      for (;;) {
        const admission = this.admit(token);
        const soon = admission.ok
          ? this.#looped && this.#waiting.some(({ id }) => id === admission.session)
          : admission.unheard && !this.#draining;
        if (!soon) return admission;
        if ((await Promise.race([this.#news(), late.promise])) === 'late') return this.admit(token);
      }
    } finally {
      cancel();
    }
  }

  joined(player: string): void {
    this.#players.add(player);
    this.#moved({ kind: 'joined', player });
  }

  left(player: string): void {
    this.#players.delete(player);
    this.#moved({ kind: 'left', player });
  }

  /** Instead of `joined` and `left`. */
  players(count: number, capacity?: number, names?: readonly string[]): void {
    this.#stand('players', { kind: 'players', count, capacity, names: names?.slice(0, namesMost) });
  }

  label(key: string, value: string): void {
    this.#say({ kind: 'label', key, value });
  }

  annotation(key: string, value: string): void {
    this.#say({ kind: 'annotation', key, value });
  }

  /** Of a counter that the fleet's configuration has. What does not fit is refused, and told to `onRefused`. */
  counter(name: string, change: { readonly by?: number; readonly count?: number; readonly capacity?: number }): void {
    this.#say({ kind: 'counter', name, by: change.by, count: change.count, capacity: change.capacity });
  }

  list(
    name: string,
    change: {
      readonly add?: readonly string[];
      readonly remove?: readonly string[];
      readonly values?: readonly string[];
      readonly capacity?: number;
    },
  ): void {
    const copy = (values: readonly string[] | undefined) => (values ? [...values] : undefined);
    const { add, remove, values, capacity } = change;
    this.#say({ kind: 'list', name, add: copy(add), remove: copy(remove), values: copy(values), capacity });
  }

  /** Atlas does not take a word: there is no such counter, or no room in it. Returns how to stop. */
  onRefused(fn: (what: string, name: string) => void): () => void {
    this.#refusals.add(fn);
    return () => this.#refusals.delete(fn);
  }

  /** For `forMs` nobody gets it; 0: until it says `ready` again. */
  reserve(forMs: number): void {
    this.#standing.delete('ready');
    this.#say({ kind: 'reserve', forMs });
  }

  /** Nobody new comes from now on; `sessions()` and `ready()` end once what was given is taken. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#stand('draining', { kind: 'draining' });
    this.#tellAll();
  }

  /** Says that its end is meant, and lets the process end: resolves when that is said, or Atlas is away. */
  async shutdown(): Promise<void> {
    this.#say({ kind: 'shutdown' });
    this.#draining = true;
    this.#ended = true;
    this.#tellAll();
    // What was said last still goes out.
    const { clock } = this.#host;
    await new Promise<void>((resolve) => clock.at(clock.now() + 20, resolve));
    this.#link?.close({ code: 'LINK_LOST', message: 'the server ends' });
  }

  /** @internal */
  sessionActive({ id }: Session): void {
    this.#stand(activeKey(id), { kind: 'active', requestId: id });
  }

  /** @internal */
  sessionPlaces({ id }: Session, open: boolean): void {
    this.#stand(placesKey(id), { kind: 'places', requestId: id, open });
  }

  /** @internal */
  sessionLeft({ id }: Session, players: readonly string[]): void {
    this.#say({ kind: 'gone', requestId: id, players: players.slice(0, namesMost) });
  }

  /** @internal Its end is said again at each hello until Atlas has it. */
  sessionEnded(session: Session): void {
    const { id, result } = session;
    this.#standing.delete(activeKey(id));
    this.#standing.delete(placesKey(id));
    if (this.#link) this.#link.send(MatchServerToControl.encode({ kind: 'ended', requestId: id, result }));
  }

  // ---- the link ----------------------------------------------------------------------------------------------------

  #dial(): void {
    if (this.#ended) return;
    this.#host.links.dial(this.#control).then(
      (link) => this.#linked(link),
      () => this.#redial(),
    );
  }

  #linked(link: Link): void {
    this.#link = link;
    link.onFrame((frame) => {
      const message = ControlToMatchServer.decode(frame);
      if (message) this.#heard(message);
      else link.close({ code: 'LINK_FRAME_INVALID', message: 'a malformed message from the control plane' });
    });
    link.onClose(({ code, message }) => {
      if (this.#link === link) this.#link = undefined;
      // Atlas did not start this process, or has given it up: it has nothing to do any more.
      if (code === 'SERVER_UNKNOWN' || code === 'LINK_VERSION') {
        this.#ended = true;
        this.#opened.reject(new AtlasError(code, message));
        this.#end();
      } else this.#redial();
    });
    const held = [...this.#sessions.values()].filter(({ isOver }) => !isOver).map(({ id }) => id);
    const hello = { kind: 'hello', server: this.id, version: LINK_PROTOCOL, pid: this.#host.pid, sessions: held } as const;
    link.send(MatchServerToControl.encode(hello));
    for (const word of this.#standing.values()) this.#send(word());
    for (const word of this.#unsaid.splice(0)) this.#send(word);
    for (const session of this.#sessions.values()) if (session.isOver) this.sessionEnded(session);
  }

  #redial(): void {
    const ms = Math.min(redialMs.max, redialMs.first * 2 ** Math.min(this.#redials++, 10));
    const { clock, unit } = this.#host;
    clock.at(clock.now() + ms * (0.5 + unit() / 2), () => this.#dial());
  }

  #heard(message: ControlToMatchServer): void {
    switch (message.kind) {
      case 'hello':
        this.#redials = 0;
        this.#keys.set(message.keys);
        this.#opened.resolve();
        return;
      case 'session':
        this.#given(message.requestId, message.players, message.session);
        return;
      case 'over':
        this.#sessions.get(message.requestId)?.overBy(message.end);
        this.#forget(message.requestId);
        return;
      case 'endedAck':
        this.#sessions.get(message.requestId)?.acknowledged();
        this.#forget(message.requestId);
        return;
      case 'state':
        this.#state = message;
        if (message.state === 'Draining') this.#end();
        return;
      case 'stop':
        this.#end();
        return;
      case 'refused':
        for (const fn of this.#refusals) fn(message.what, message.name);
    }
  }

  #given(requestId: string, players: readonly string[], data: string): void {
    const known = this.#sessions.get(requestId);
    if (known) {
      known.told(players, data);
      return;
    }
    const session = new Session(this, requestId, players, data, resultBytesMax);
    this.#sessions.set(requestId, session);
    this.#waiting.push(session);
    this.#tellAll();
  }

  #forget(requestId: string): void {
    this.#sessions.delete(requestId);
    this.#standing.delete(activeKey(requestId));
    this.#standing.delete(placesKey(requestId));
    const at = this.#waiting.findIndex(({ id }) => id === requestId);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#tellAll();
  }

  #end(): void {
    this.#draining = true;
    this.#tellAll();
  }

  #stand(about: string, word: Words): void {
    this.#standing.set(about, () => word);
    this.#send(word);
  }

  /** Said of one player now, and of all that are there at the next hello. */
  #moved(word: Words): void {
    this.#standing.set('players', this.#present);
    this.#send(word);
  }

  readonly #present = (): Words => {
    const { size: count } = this.#players;
    return { kind: 'players', count, capacity: undefined, names: [...this.#players].slice(0, namesMost) };
  };

  #say(word: Words): void {
    if (this.#link) this.#send(word);
    else {
      if (this.#unsaid.length >= keptWords) this.#unsaid.shift();
      this.#unsaid.push(word);
    }
  }

  #send(word: Words): void {
    this.#link?.send(MatchServerToControl.encode(word));
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #tellAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }
}

function activeKey(session: string): string {
  return `active ${session}`;
}

function placesKey(session: string): string {
  return `places ${session}`;
}

/** `ATLAS_PORT_GAME_QUERY` of `game-query`. */
export function portVariable(name: string): string {
  return `ATLAS_PORT_${name.toUpperCase().replaceAll('-', '_')}`;
}
