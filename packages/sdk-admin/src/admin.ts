/** `connectAdmin`: a method for each endpoint of the API. */
import type { Scene } from '@horizon-atlas/protocol';
import { decodeScene } from '@horizon-atlas/protocol';
import { LiveStream } from './live-stream.ts';
import { type MatchmakingAdmin, matchmakingAdmin } from './matchmaking.ts';
import { AdminError, type Fetch, Requester } from './request.ts';
import type {
  ActionResult,
  AllocatedServer,
  Allocation,
  AllocationWishes,
  AuditEntry,
  AuditQuery,
  Edge,
  EdgeSessionQuery,
  EdgeWay,
  Event,
  EventQuery,
  Fleet,
  FleetChange,
  Game,
  GameBackup,
  GameConsole,
  GameServer,
  GameServerOrder,
  GameServerQuery,
  Gateway,
  Handoff,
  HandoffQuery,
  History,
  Key,
  LogLine,
  ModeDeployment,
  NewKey,
  Page,
  PageQuery,
  Player,
  PlayerQuery,
  PlayTicket,
  PublicWay,
  Region,
  Rollout,
  Scaling,
  Scope,
  Server,
  Session,
  Status,
} from './shapes.ts';
import { openWatch, type Topic, type Watch, type WatchHandlers, type WatchOptions } from './watch.ts';

export interface AdminOptions {
  /** Of the API: `http://127.0.0.1:7700`. In the dashboard's own page: empty. */
  readonly url: string;
  /** The admin token or an API key. None: who may do what by the machine they are on, or by the page's cookie. */
  readonly token?: string;
  /** Default: the host's. */
  readonly fetch?: Fetch;
  /** For an answer; default 15 s. Streams have none. */
  readonly timeoutMs?: number;
}

/** `dryRun`: nothing is done, but the effects are told. Repeats with one `idempotencyKey` are one act; without one each call is its own. */
export interface ActionOptions {
  readonly dryRun?: boolean;
  readonly idempotencyKey?: string;
}

/** Every method rejects with `AdminError`. */
export interface Admin {
  status(): Promise<Status>;
  regions(query?: PageQuery): Promise<Page<Region>>;
  region(id: string): Promise<Region>;
  servers(query?: PageQuery): Promise<Page<Server>>;
  server(id: string): Promise<Server>;
  gateways(query?: PageQuery): Promise<Page<Gateway>>;
  gateway(id: string): Promise<Gateway>;
  edges(query?: PageQuery): Promise<Page<Edge>>;
  edge(id: string): Promise<Edge>;
  /** Players' ways through edges. */
  edgeSessions(query?: EdgeSessionQuery): Promise<Page<EdgeWay>>;
  endEdgeSession(id: string): Promise<void>;
  /**
   * Has a player go on at another game server, or at one of a fleet, on the connection that they have; resolves with the server when they are there. One that sleeps is woken;
   * `waitMs`: how long that may take. Rejects with MOVE_IMPOSSIBLE where the protocol does not allow it.
   */
  moveEdgeSession(
    id: string,
    to: ({ readonly server: string } | { readonly fleet: string }) & { readonly waitMs?: number },
  ): Promise<{ readonly server: string }>;
  /** A game server with a game definition, by its id or by its fleet's name. */
  console(server: string): Promise<GameConsole>;
  /** One line for its console. Its answer stands in its log. */
  typeConsole(server: string, line: string): Promise<void>;
  /** It saves, and what is worth keeping is copied. */
  backup(server: string): Promise<GameBackup>;
  /** How a game server is reached from outside, with tokens that are good for two minutes. */
  waysTo(server: string, player?: string): Promise<readonly PublicWay[]>;
  players(query?: PlayerQuery): Promise<Page<Player>>;
  player(id: string): Promise<Player>;
  /** Latest first. */
  handoffs(query?: HandoffQuery): Promise<Page<Handoff>>;
  /** Oldest first. */
  events(query?: EventQuery): Promise<Page<Event>>;
  history(): Promise<History>;
  /** Where everybody is now. */
  scene(): Promise<Scene>;
  /** Full scenes of the recording between two moments (Unix ms), at most `max`, evenly thinned. */
  scenes(span: { readonly fromMs: number; readonly toMs: number; readonly max?: number }): Promise<readonly Scene[]>;
  /** The last lines that a server or gateway printed. */
  logs(process: string, lines?: number): Promise<readonly LogLine[]>;
  /** Lines as they are printed; `ended` once the process is gone or the answer is no. Answers how to stop. */
  followLogs(process: string, onLine: (line: LogLine) => void, ended?: (error: AdminError | undefined) => void): () => void;
  watch(topics: readonly Topic[], handlers: WatchHandlers, options?: WatchOptions): Watch;

  fleets(query?: PageQuery): Promise<Page<Fleet>>;
  fleet(name: string): Promise<Fleet>;
  /** null: as many as are in use, and its warm ones. */
  scaleFleet(name: string, replicas: number | null): Promise<Fleet>;
  /** A fleet of the configuration becomes a mode for so many players. */
  deployMode(mode: {
    readonly mode: string;
    readonly expectedPlayers: number;
    readonly sites?: readonly string[];
  }): Promise<ModeDeployment>;
  /** Game definitions: those that fleets run, and those that come with Atlas. */
  games(query?: PageQuery): Promise<Page<Game>>;
  game(id: string): Promise<Game>;
  gameServers(query?: GameServerQuery): Promise<Page<GameServer>>;
  gameServer(id: string): Promise<GameServer>;
  orderGameServer(id: string, order: GameServerOrder): Promise<GameServer>;
  /** Rejects with ALLOCATION_NONE_READY when none came in time. */
  allocate(wishes: AllocationWishes): Promise<AllocatedServer>;
  allocations(query?: PageQuery): Promise<Page<Allocation>>;
  allocation(requestId: string): Promise<Allocation>;
  activateAllocation(requestId: string): Promise<Allocation>;
  releaseAllocation(requestId: string): Promise<Allocation>;

  /** A server's or a gateway's id. */
  kill(process: string, options?: ActionOptions): Promise<ActionResult>;
  drain(process: string, options?: ActionOptions): Promise<ActionResult>;
  restart(process: string, options?: ActionOptions): Promise<ActionResult>;
  move(
    player: string,
    to: { readonly x: number; readonly y: number; readonly z?: number },
    options?: ActionOptions,
  ): Promise<ActionResult>;
  kick(player: string, options?: ActionOptions & { readonly message?: string }): Promise<ActionResult>;

  /** Which version a fleet of game servers runs, and how far it is. */
  rollout(fleet: string): Promise<Rollout>;
  /** Servers of another version take the place of the former ones; those in use are stopped by nobody. */
  changeFleet(fleet: string, change: FleetChange): Promise<Rollout>;
  rollBackFleet(fleet: string): Promise<Rollout>;
  /** What is under way stays as it is, and goes on. */
  pauseRollout(fleet: string): Promise<Rollout>;
  resumeRollout(fleet: string): Promise<Rollout>;
  /** Why a fleet with a scaling policy is as large as it is. */
  scaling(fleet: string): Promise<Scaling>;

  /** Queues, tickets, matches, ratings, parties and lobbies. */
  readonly matchmaking: MatchmakingAdmin;

  audit(query?: AuditQuery): Promise<Page<AuditEntry>>;
  keys(query?: PageQuery): Promise<Page<Key>>;
  /** The secret is in this answer and nowhere else, ever. */
  createKey(name: string, scopes: readonly Scope[]): Promise<NewKey>;
  deleteKey(name: string): Promise<void>;

  /** Who I am to Atlas, and what I may do. */
  session(): Promise<Session>;
  /** A page's login: the token becomes a cookie that scripts cannot read. */
  login(token: string): Promise<Session>;
  logout(): Promise<void>;
  /** Development only: what is needed to join as a player from the page. */
  play(name?: string): Promise<PlayTicket>;
}

const answerMs = 15_000;

export function connectAdmin(options: AdminOptions): Admin {
  const requester = new Requester({
    url: options.url.replace(/\/+$/, ''),
    token: options.token,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeoutMs: options.timeoutMs ?? answerMs,
  });
  return {
    ...reading(requester),
    ...acting(requester),
    ...giving(requester),
    ...entering(requester),
    matchmaking: matchmakingAdmin(requester),
  };
}

/** Every item of all pages: `for await (const player of each(admin.players, { region: 'alpha' }))`. */
export async function* each<T, Q extends PageQuery>(list: (query?: Q) => Promise<Page<T>>, query: Q): AsyncGenerator<T> {
  let cursor: string | null | undefined = query.cursor;
  do {
    const page: Page<T> = await list(cursor ? { ...query, cursor } : query);
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

function reading(requester: Requester) {
  const get = <T>(path: string, query?: object): Promise<T> => requester.json<T>(`/api/v1/${path}`, query ? { query } : {});
  const one = (list: string, id: string): string => `${list}/${encodeURIComponent(id)}`;
  return {
    status: () => get<Status>('status'),
    regions: (query?: PageQuery) => get<Page<Region>>('regions', query),
    region: (id: string) => get<Region>(one('regions', id)),
    servers: (query?: PageQuery) => get<Page<Server>>('servers', query),
    server: (id: string) => get<Server>(one('servers', id)),
    gateways: (query?: PageQuery) => get<Page<Gateway>>('gateways', query),
    gateway: (id: string) => get<Gateway>(one('gateways', id)),
    edges: (query?: PageQuery) => get<Page<Edge>>('edges', query),
    edge: (id: string) => get<Edge>(one('edges', id)),
    console: (server: string) => get<GameConsole>(`${one('gameservers', server)}/console`),
    edgeSessions: (query?: EdgeSessionQuery) => get<Page<EdgeWay>>('edge-sessions', query),
    players: (query?: PlayerQuery) => get<Page<Player>>('players', query),
    player: (id: string) => get<Player>(one('players', id)),
    handoffs: (query?: HandoffQuery) => get<Page<Handoff>>('handoffs', query),
    events: (query?: EventQuery) => get<Page<Event>>('events', query),
    history: () => get<History>('history'),
    audit: (query?: AuditQuery) => get<Page<AuditEntry>>('audit', query),
    keys: (query?: PageQuery) => get<Page<Key>>('keys', query),
    scene: async () => sceneOf(await requester.bytes('/api/v1/scene')),
    rollout: (fleet: string) => get<Rollout>(`${one('fleets', fleet)}/rollout`),
    scaling: (fleet: string) => get<Scaling>(`${one('fleets', fleet)}/scaling`),
    scenes: async (span: { readonly fromMs: number; readonly toMs: number; readonly max?: number }) =>
      split(await requester.bytes('/api/v1/scenes', { query: span })).map(sceneOf),
    logs: async (process: string, lines?: number) =>
      (await get<{ lines: readonly LogLine[] }>(`${one('servers', process)}/logs`, { lines })).lines,
    followLogs: (process: string, onLine: (line: LogLine) => void, ended?: (error: AdminError | undefined) => void) =>
      followLogs(requester, `/api/v1/${one('servers', process)}/logs/watch`, onLine, ended),
    watch: (topics: readonly Topic[], handlers: WatchHandlers, options: WatchOptions = {}) =>
      openWatch(requester, topics, handlers, options),
  };
}

function acting(requester: Requester) {
  const post = (path: string, body: object | undefined, { dryRun, idempotencyKey }: ActionOptions): Promise<ActionResult> =>
    requester.json<ActionResult>(`/api/v1/${path}`, {
      method: 'POST',
      query: dryRun ? { dryRun: true } : {},
      idempotencyKey,
      ...(body ? { body } : {}),
    });
  const onProcess =
    (action: string) =>
    (process: string, options: ActionOptions = {}) =>
      post(`servers/${encodeURIComponent(process)}/${action}`, undefined, options);
  return {
    kill: onProcess('kill'),
    drain: onProcess('drain'),
    restart: onProcess('restart'),
    move: (player: string, to: { readonly x: number; readonly y: number; readonly z?: number }, options: ActionOptions = {}) =>
      post(`players/${encodeURIComponent(player)}/move`, to, options),
    typeConsole: (server: string, line: string) =>
      requester.json<void>(`/api/v1/gameservers/${encodeURIComponent(server)}/console`, { method: 'POST', body: { line } }),
    backup: (server: string) =>
      requester.json<GameBackup>(`/api/v1/gameservers/${encodeURIComponent(server)}/backup`, { method: 'POST' }),
    changeFleet: (fleet: string, change: FleetChange) =>
      requester.json<Rollout>(`/api/v1/fleets/${encodeURIComponent(fleet)}`, { method: 'PATCH', body: change }),
    rollBackFleet: (fleet: string) =>
      requester.json<Rollout>(`/api/v1/fleets/${encodeURIComponent(fleet)}/rollback`, { method: 'POST' }),
    pauseRollout: (fleet: string) =>
      requester.json<Rollout>(`/api/v1/fleets/${encodeURIComponent(fleet)}/rollout/pause`, { method: 'POST' }),
    resumeRollout: (fleet: string) =>
      requester.json<Rollout>(`/api/v1/fleets/${encodeURIComponent(fleet)}/rollout/resume`, { method: 'POST' }),
    endEdgeSession: (id: string) => requester.json<void>(`/api/v1/edge-sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    moveEdgeSession: (
      id: string,
      to: ({ readonly server: string } | { readonly fleet: string }) & { readonly waitMs?: number },
    ) =>
      requester.json<{ readonly server: string }>(`/api/v1/edge-sessions/${encodeURIComponent(id)}/move`, {
        method: 'POST',
        body: to,
        // The server may have to wake, and to let the player in.
        timeoutMs: 2 * answerMs + (to.waitMs ?? 30_000),
      }),
    waysTo: async (server: string, player = '') =>
      (
        await requester.json<{ ways: readonly PublicWay[] }>(`/api/v1/gameservers/${encodeURIComponent(server)}/ways`, {
          method: 'POST',
          body: { player },
        })
      ).ways,
    kick: (player: string, options: ActionOptions & { readonly message?: string } = {}) =>
      post(
        `players/${encodeURIComponent(player)}/kick`,
        options.message === undefined ? undefined : { message: options.message },
        options,
      ),
  };
}

function giving(requester: Requester) {
  const get = <T>(path: string, query?: object): Promise<T> => requester.json<T>(`/api/v1/${path}`, query ? { query } : {});
  const post = <T>(path: string, body?: object): Promise<T> =>
    requester.json<T>(path, { method: 'POST', ...(body ? { body } : {}) });
  const one = encodeURIComponent;
  return {
    fleets: (query?: PageQuery) => get<Page<Fleet>>('fleets', query),
    fleet: (name: string) => get<Fleet>(`fleets/${one(name)}`),
    scaleFleet: (name: string, replicas: number | null) => post<Fleet>(`/api/v1/fleets/${one(name)}/scale`, { replicas }),
    deployMode: (mode: { readonly mode: string; readonly expectedPlayers: number; readonly sites?: readonly string[] }) =>
      post<ModeDeployment>('/api/v1/modes', mode),
    games: (query?: PageQuery) => get<Page<Game>>('games', query),
    game: (id: string) => get<Game>(`games/${one(id)}`),
    gameServers: (query?: GameServerQuery) => get<Page<GameServer>>('gameservers', query),
    gameServer: (id: string) => get<GameServer>(`gameservers/${one(id)}`),
    orderGameServer: (id: string, order: GameServerOrder) => post<GameServer>(`/api/v1/gameservers/${one(id)}/${order}`),
    allocate: ({ fleet, ...wishes }: AllocationWishes) =>
      requester.json<AllocatedServer>('/gameserverallocation', {
        method: 'POST',
        timeoutMs: answerMs + (wishes.waitMs ?? 0),
        body: {
          ...(fleet === undefined ? {} : { gameServerSelectors: [{ matchLabels: { 'agones.dev/fleet': fleet } }] }),
          ...wishes,
        },
      }),
    allocations: (query?: PageQuery) => get<Page<Allocation>>('allocations', query),
    allocation: (requestId: string) => get<Allocation>(`allocations/${one(requestId)}`),
    activateAllocation: (requestId: string) => post<Allocation>(`/api/v1/allocations/${one(requestId)}/activate`),
    releaseAllocation: (requestId: string) => post<Allocation>(`/api/v1/allocations/${one(requestId)}/release`),
  };
}

function entering(requester: Requester) {
  const known = (session: Session): Session => {
    requester.useCsrf(session.csrf);
    return session;
  };
  return {
    session: async () => known(await requester.json<Session>('/api/v1/session')),
    login: async (token: string) => known(await requester.json<Session>('/api/v1/session', { method: 'POST', body: { token } })),
    logout: () => requester.json<void>('/api/v1/session', { method: 'DELETE' }),
    createKey: (name: string, scopes: readonly Scope[]) =>
      requester.json<NewKey>('/api/v1/keys', { method: 'POST', body: { name, scopes } }),
    deleteKey: (name: string) => requester.json<void>(`/api/v1/keys/${encodeURIComponent(name)}`, { method: 'DELETE' }),
    play: (name?: string) =>
      requester.json<PlayTicket>('/api/v1/play', { method: 'POST', body: name === undefined ? {} : { name } }),
  };
}

function followLogs(
  requester: Requester,
  path: string,
  onLine: (line: LogLine) => void,
  ended: ((error: AdminError | undefined) => void) | undefined,
): () => void {
  const stream = new LiveStream(requester, {
    path,
    query: {},
    lastId: '',
    onEvent({ event, data }) {
      if (event === 'log') onLine(JSON.parse(data) as LogLine);
      else if (event === 'ended') stream.close();
    },
    onState(state, error) {
      if (state === 'closed') ended?.(error);
    },
  });
  void stream.run();
  return () => stream.close();
}

function sceneOf(bytes: Uint8Array): Scene {
  const scene = decodeScene(bytes);
  if (!scene)
    throw new AdminError('VERSION_UNKNOWN', 'this Atlas draws scenes in a way that this client does not know: reload it');
  return scene;
}

/** Each scene has its length before it. */
function split(bytes: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint32(at, true);
    out.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return out;
}
