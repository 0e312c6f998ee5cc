/**
 * What game servers that are given away as a whole say to the control plane, and what it says to them. Words of a game server are those of
 * game-servers.ts. A link that is lost takes with it what was on its way: at each hello both tell what holds on (a server whether it is ready
 * or draining, which sessions it has and which of them are played, its players, and how sessions ended), and the rest follows.
 */
import { limits } from './limits.ts';
import { bool, choice, type Infer, i32, list, optional, str, struct, u16, u32, u53, union } from './schema.ts';

const id = str(limits.idBytes);
const requestId = str(256);
const json = str(65_536);
const key = str(1024);
const text = str(16_384);
const texts = list(struct({ key, value: text }), 256);

export const MatchServerToControl = union({
  /** `sessions`: request ids of those that it has been given and that are not over. */
  hello: [1, { server: id, version: u16, pid: u32, sessions: list(requestId, 1024) }],
  warming: [2, {}],
  ready: [3, {}],
  /** Its session can be played; an empty id: all that it has. */
  active: [4, { requestId }],
  /** The session is over. Repeated at each hello until `endedAck`. `result`: JSON, or empty. */
  ended: [5, { requestId, result: json }],
  reserve: [6, { forMs: u32 }],
  allocate: [7, {}],
  draining: [8, {}],
  shutdown: [9, {}],
  joined: [10, { player: id }],
  left: [11, { player: id }],
  players: [12, { count: u32, capacity: optional(u32), names: optional(list(id, 1000)) }],
  label: [13, { key, value: text }],
  annotation: [14, { key, value: text }],
  counter: [15, { name: key, by: optional(i32), count: optional(u53), capacity: optional(u53) }],
  list: [
    16,
    {
      name: key,
      add: optional(list(key, 1000)),
      remove: optional(list(key, 1000)),
      values: optional(list(key, 1000)),
      capacity: optional(u53),
    },
  ],
  health: [17, {}],
  /** Whether strangers may take the free places of a session. */
  places: [18, { requestId, open: bool }],
  /** Players of a session who do not come back. */
  gone: [19, { requestId, players: list(id, 1000) }],
});
export type MatchServerToControl = Infer<typeof MatchServerToControl>;

export const ControlToMatchServer = union({
  /** `keys`: JSON Web Key Set of join tokens. */
  hello: [1, { version: u16, keys: str(65_536) }],
  /** Somebody has it for this; `session`: JSON, or empty. Told again when somebody else plays it, or something else is to be known. */
  session: [2, { requestId, players: list(id, 1000), session: json }],
  /** It is over without the server's doing. */
  over: [3, { requestId, end: choice('ended', 'released', 'expired', 'died', 'none') }],
  endedAck: [4, { requestId }],
  /** How Atlas sees it. */
  state: [
    5,
    {
      state: str(64),
      labels: texts,
      annotations: texts,
      counters: list(struct({ name: key, count: u53, capacity: u53 }), 64),
      lists: list(struct({ name: key, capacity: u53, values: list(key, 1000) }), 64),
    },
  ],
  stop: [6, { deadlineMs: u32 }],
  /** A word was refused: no such counter or list, no room in it, or not in this state. `what`: its kind; `name`: of the counter or list, or empty. */
  refused: [7, { what: str(64), name: key }],
});
export type ControlToMatchServer = Infer<typeof ControlToMatchServer>;
