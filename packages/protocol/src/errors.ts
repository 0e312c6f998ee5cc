/**
 * Every code that Atlas shows to the outside, in one table; docs/reference/errors.md is held against it by a test.
 * `close`: the WebSocket close code that goes with it. `retry`: whether trying again unchanged may succeed.
 */
export interface ErrorEntry {
  readonly text: string;
  readonly close?: number;
  readonly retry: boolean;
}

export const errors = {
  // A client's connection.
  PROTOCOL_ERROR: { close: 1002, retry: false, text: 'the WebSocket framing is malformed' },
  MESSAGE_INVALID: {
    close: 4400,
    retry: false,
    text: 'a message is malformed: unknown kind, wrong length, or invalid UTF-8 or JSON',
  },
  TOKEN_INVALID: { close: 4401, retry: false, text: 'the token is missing, malformed, expired, or signed by an unknown key' },
  ORIGIN_REFUSED: { close: 4403, retry: false, text: "the page's origin is not in the list of those that may connect" },
  HANDSHAKE_TIMEOUT: { close: 4408, retry: true, text: 'no complete hello came in time' },
  MESSAGE_TOO_BIG: { close: 1009, retry: false, text: 'a message is larger than the limit' },
  VERSION_UNKNOWN: { close: 4426, retry: false, text: 'the client speaks a protocol version that this gateway does not' },
  SCHEMA_MISMATCH: { close: 4427, retry: false, text: "the client's message schema is not the game server's: reload the client" },
  RATE_LIMITED: { close: 4429, retry: true, text: 'too many connections or messages from this address or session' },
  CONNECTIONS_FULL: { close: 4430, retry: true, text: 'the gateway holds as many connections as it may' },
  SLOW_CLIENT: { close: 4431, retry: true, text: 'the client does not read its reliable messages' },
  IDLE_TIMEOUT: { close: 4432, retry: true, text: 'nothing was heard from the client for too long' },
  SEQUENCE_INVALID: { close: 4433, retry: false, text: 'command numbers have a gap' },
  COMMANDS_FULL: { retry: true, text: 'too many commands are not yet covered: send fewer, or wait' },
  SESSION_REPLACED: { close: 4440, retry: false, text: 'the player has connected elsewhere' },
  SESSION_ENDED: { close: 4441, retry: false, text: 'the session is over' },
  SESSION_EXHAUSTED: { close: 4442, retry: true, text: 'the session has used up its sequence numbers' },
  SESSION_KICKED: { close: 4443, retry: false, text: 'the game or an operator ended the session' },
  RESUME_INVALID: { close: 4450, retry: false, text: 'the resume token is malformed, expired, or signed by an unknown key' },
  RESUME_REPLAYED: { close: 4451, retry: false, text: 'the resume token has been used already' },
  GATEWAY_DRAINING: { close: 1012, retry: true, text: 'this gateway is closing: resume at another, or here in a moment' },
  NO_REGION: { close: 4503, retry: true, text: 'no region can take the player now' },
  REGION_FULL: { close: 4504, retry: true, text: 'the region has no room' },
  GATEWAY_BUSY: { close: 4505, retry: true, text: 'the control plane does not answer, so no new session can begin' },
  INTERNAL: { close: 1011, retry: true, text: 'a fault in Atlas; its log has the details' },

  // Between Atlas's processes.
  LINK_LOST: { retry: true, text: 'the other process vanished or fell silent' },
  LINK_SLOW: { retry: true, text: 'the other process does not read what it is sent' },
  LINK_REFUSED: { retry: true, text: 'nobody listens there' },
  LINK_ADDRESS_IN_USE: { retry: false, text: 'another process listens there already' },
  LINK_LISTEN_FAILED: { retry: false, text: 'listening there is not possible' },
  LINK_FRAME_INVALID: { retry: false, text: 'a frame from the other process is malformed' },
  LINK_VERSION: { retry: false, text: 'the other process is of another release' },
  EPOCH_STALE: { retry: false, text: 'the epoch is lower than one already seen: ownership has moved on' },
  NOT_OWNER: { retry: true, text: 'this server does not own the group' },
  GROUP_TOO_BIG: { retry: false, text: "a group's state is larger than the limit, so it can neither cross nor be saved" },
  GROUP_STATE_INVALID: {
    retry: false,
    text: "the game's data of an entity cannot be written, so its group can neither cross nor be saved",
  },
  ACTION_UNKNOWN: { retry: false, text: 'the game has no action of that name' },
  POSITION_INVALID: { retry: false, text: 'a position is not a finite number or lies outside the world' },
  SERVER_UNKNOWN: { retry: false, text: 'a server presented itself that Atlas did not start' },

  // The store.
  STORE_CONFLICT: { retry: true, text: 'a record was changed by somebody else in the meantime' },
  STORE_FULL: { retry: true, text: 'the disk is full or a limit of the store was passed; reads still work' },
  DISK_LOW: { retry: true, text: 'little room is left on the disk where the world is kept' },
  DISK_FULL: { retry: true, text: 'almost no room is left on the disk where the world is kept; soon nothing new can be kept' },
  STORE_UNAVAILABLE: { retry: true, text: 'the store does not answer' },
  STORE_CORRUPT: { retry: false, text: 'the database file is damaged' },
  STORE_NEWER: { retry: false, text: 'the database was written by a newer Atlas' },

  // Items and money.
  TRANSFER_INSUFFICIENT: { retry: false, text: 'the holder has less than the transfer moves' },
  TRANSFER_INVALID: { retry: false, text: 'a transfer is empty, moves nothing, or moves from a holder to itself' },
  TRANSFER_TOO_MUCH: { retry: false, text: 'a holder would have more than 2^53 − 1 of an item' },

  // Game servers.
  SERVER_START_FAILED: { retry: true, text: 'the server process could not be started' },
  SERVER_START_TIMEOUT: { retry: true, text: 'the server did not become ready in time' },
  SERVER_CRASHED: { retry: true, text: 'the server process ended by itself' },
  SERVER_HUNG: { retry: true, text: 'the server sent no heartbeat and was ended' },
  SERVER_CRASH_LOOP: { retry: false, text: 'the server crashed too often in a row; Atlas waits before the next start' },

  // Servers that nobody here wrote.
  GAME_UNKNOWN: { retry: false, text: 'there is no game definition of that name, or at that path' },
  GAME_INVALID: { retry: false, text: 'the game definition is wrong; the message says where and what was expected' },
  GAME_VARIABLE_INVALID: { retry: false, text: 'a variable of the game has a value that it may not have, or none' },
  GAME_PROGRAM_MISSING: { retry: false, text: 'the program of the game is not installed; the message says how to get it' },
  GAME_PORT_MOVED: { retry: true, text: 'the server listens on another port than it was told to' },
  GAME_NOT_READY: { retry: true, text: 'the server did not become ready in time; the message says what is missing' },
  GAME_FOLDER_UNUSABLE: { retry: false, text: "the server's folder or a file in it cannot be written" },
  CONSOLE_NONE: { retry: false, text: 'the server has no console' },
  CONSOLE_FULL: { retry: true, text: 'the server does not read its console' },
  EGG_INVALID: { retry: false, text: 'the file is no egg of Pterodactyl or Pelican; the message says what is missing' },

  // Allocation.
  FLEET_UNKNOWN: { retry: false, text: 'there is no fleet of that name' },
  ALLOCATION_NONE_READY: { retry: true, text: 'no game server that matches is ready, or none became so in time' },
  ALLOCATION_QUEUE_FULL: { retry: true, text: 'as many requests wait for a game server as may' },
  ALLOCATION_CANCELLED: { retry: false, text: 'the request was taken back before it got a game server' },
  ALLOCATION_ENDED: { retry: false, text: 'the allocation with this request id has ended: ask with a new one' },

  // Agones' SDK.
  METADATA_INVALID: {
    retry: false,
    text: 'a label or annotation of a game server has a key or value that is malformed or too long, or there are too many',
  },

  // Rollouts.
  VERSION_TAKEN: {
    retry: false,
    text: 'the fleet knows that version with another program: give the new one a version of its own',
  },
  ROLLOUT_NONE: {
    retry: false,
    text: 'no rollout is under way, there is no former version to go back to, or the program comes from a game definition',
  },

  // Scaling.
  WEBHOOK_TIMEOUT: { retry: true, text: 'the webhook that is to say how many servers there should be did not answer in time' },
  WEBHOOK_FAILED: { retry: true, text: 'the webhook could not be asked' },
  WEBHOOK_INVALID: { retry: true, text: 'the webhook answered something that is no size of a fleet' },

  // Edges.
  MOVE_IMPOSSIBLE: {
    retry: false,
    text: 'the session cannot go on at another server: its bytes belong to one connection; the message says what would help',
  },
  MOVE_FAILED: { retry: true, text: 'the other server did not take the player, who stays where they are; the message says why' },
  SERVER_FULL: { retry: true, text: 'the game server has as many players as it takes' },

  // Matchmaking.
  RULE_SET_INVALID: { retry: false, text: 'the rule set is wrong; the message says where and what was expected' },
  TICKET_INVALID: { retry: false, text: 'the ticket cannot be matched by this rule set; the message says why' },
  PLAYER_WAITING: { retry: false, text: 'a player of the ticket waits in another one already: cancel that first' },
  QUEUE_FULL: { retry: true, text: 'as many tickets wait in the queue as it takes' },
  QUEUE_UNKNOWN: { retry: false, text: 'there is no matchmaking queue of that name' },
  TICKET_UNKNOWN: { retry: false, text: 'no ticket of that id waits, or was matched or ended lately' },
  TICKET_STATE: {
    retry: false,
    text: 'the ticket is in a state in which this is not possible: matched, ended, or asked nothing',
  },
  MATCH_UNKNOWN: { retry: false, text: 'there is no match of that id, or it ended long ago' },
  MATCH_STATE: { retry: false, text: 'the match is in a state in which this is not possible, such as ended' },
  RESULT_INVALID: { retry: false, text: 'the result does not fit the match: it names teams that did not play, or none' },
  MATCH_FUNCTION_FAILED: {
    retry: true,
    text: 'the match function of the queue threw, took too long, ended or answered with no list; it is called again after a pause',
  },
  PROPOSAL_INVALID: {
    retry: false,
    text: 'the match function proposed a match that cannot be: of tickets that it was not shown, or against the rule set',
  },
  PARTY_UNKNOWN: { retry: false, text: 'there is no party of that id' },
  PARTY_FULL: { retry: false, text: 'the party has as many players and invitations as it may' },
  PARTY_STATE: { retry: false, text: 'the party is in a state in which this is not possible, such as waiting for a match' },
  PARTY_REFUSED: { retry: false, text: 'only the leader may do this, or only who was invited may join' },
  PLAYER_IN_PARTY: { retry: false, text: 'the player is in a party already: leave that first' },
  LOBBY_UNKNOWN: { retry: false, text: 'there is no lobby of that name' },
  LOBBY_FULL: { retry: true, text: 'no lobby server has room for all of the party, and none became ready in time' },

  // Configuration and start.
  CONFIG_INVALID: { retry: false, text: 'the configuration is wrong; the message says where and what was expected' },
  CONFIG_NOT_FOUND: { retry: false, text: 'there is no configuration file at that path' },
  PORT_IN_USE: { retry: false, text: 'another program uses the port' },
  ALREADY_RUNNING: { retry: false, text: 'an Atlas already runs on this data directory' },
  NODE_TOO_OLD: { retry: false, text: 'Atlas needs Node.js 22.13 or newer' },
  NOT_RUNNING: { retry: true, text: 'no Atlas answers at that address' },

  // The command.
  ID_UNKNOWN: { retry: false, text: 'nothing has that id or name' },
  ID_AMBIGUOUS: { retry: false, text: 'several things could be meant: type more of the id' },
  CONSENT_NEEDED: {
    retry: false,
    text: 'nobody is there to be asked whether to do this to players: add --yes, or --dry-run to see',
  },
  AUDIT_BROKEN: { retry: false, text: 'the audit log is not what Atlas wrote: its chain of hashes is broken' },
  SCENARIO_INVALID: { retry: false, text: 'the load test’s script is not one: it must export default defineScenario({ … })' },
  LOADTEST_INCOMPLETE: { retry: true, text: 'not every player of the load test joined, so its figures would say nothing' },
  THRESHOLD_MISSED: { retry: false, text: 'a figure of the load test is worse than its threshold' },

  // What operators do.
  PLAYER_UNKNOWN: { retry: false, text: 'no player of that id is in the world' },
  PLAYER_BUSY: { retry: true, text: 'the player is just crossing a border or changing servers: try again in a moment' },
  PROCESS_UNKNOWN: { retry: false, text: 'no game server or gateway of that id runs' },
  PROCESS_STATE: { retry: true, text: 'the process is in a state in which this is not possible, such as starting or stopping' },
  ACTION_TIMEOUT: { retry: true, text: 'the action was begun, but was not over in time; its effects may still come' },

  // Making a project.
  FOLDER_NOT_EMPTY: {
    retry: false,
    text: 'a project is made in an empty folder; --force adds to another one and overwrites nothing',
  },
  FOLDER_UNUSABLE: { retry: false, text: 'the project cannot be made there; the message says why' },
  NAME_INVALID: { retry: false, text: 'npm does not take that name for a package' },
  TEMPLATE_UNKNOWN: { retry: false, text: 'there is no template of that name' },
  INSTALL_FAILED: { retry: true, text: 'the project was made, but what it needs could not be installed' },

  // The HTTP API.
  NOT_FOUND: { retry: false, text: 'there is nothing at that path' },
  METHOD_NOT_ALLOWED: { retry: false, text: 'the path does not answer that method' },
  REQUEST_INVALID: { retry: false, text: 'the request is malformed' },
  NOT_READY: { retry: true, text: 'Atlas runs, but is not ready for this yet' },
  PLAY_UNAVAILABLE: {
    retry: false,
    text: 'playing in the browser is for development on this machine; the message says what to change',
  },
  HOST_REFUSED: { retry: false, text: 'the Host header names no name of this API' },
  SCOPE_MISSING: { retry: false, text: 'the key or session may not do this' },
  CSRF_INVALID: { retry: false, text: "the change does not show its session's CSRF token" },
  IDEMPOTENCY_CONFLICT: { retry: false, text: 'the Idempotency-Key has been used for another request' },
  KEY_EXISTS: { retry: false, text: 'there is an API key of that name already' },
  KEYS_FULL: { retry: false, text: 'there are as many API keys as there may be: delete one' },
  WATCHERS_FULL: { retry: true, text: 'as many streams are open as the API allows' },
  LOGIN_FAILED: { retry: true, text: 'the login at the identity provider did not come about' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;

/** An error that crosses an SDK's or the command's surface: told apart by `code`, which survives package copies. */
export class AtlasError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string = errors[code].text) {
    super(message);
    this.name = 'AtlasError';
    this.code = code;
  }
}

/** The WebSocket close code for a refusal. */
export function closeCodeOf(code: string): number {
  return (errors as Record<string, ErrorEntry>)[code]?.close ?? 1011;
}
