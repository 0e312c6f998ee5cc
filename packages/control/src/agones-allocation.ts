/**
 * Agones' allocation requests and answers in JSON, as its allocator service has them (`POST /gameserverallocation`), with a few fields more. Written by
 * hand, without shapes: this is asked thousands of times a second.
 *
 * Whole numbers of 64 bits are texts in its answers, as protobuf's JSON has them, and either in requests. A body of the Kubernetes resource
 * (`{ spec: { selectors, … } }`) is taken, too, and answered with its `status`, whose numbers are numbers.
 */
import type { AllocationAsk, AllocationGiven } from './sources.ts';

export type Parsed =
  | { readonly ok: true; readonly ask: AllocationAsk; readonly resource: boolean }
  | { readonly ok: false; readonly message: string };

type Json = Readonly<Record<string, unknown>>;
type Selector = AllocationAsk['selectors'][0];

const limits = {
  selectors: 32,
  keys: 64,
  chars: 4096,
  waitMs: 600_000,
  leaseS: 3600,
  players: 1000,
  requestChars: 128,
  sessionChars: 16_384,
} as const;

class Wrong extends Error {}

/** What was not given, once for all requests: an allocation keeps what was asked of it for as long as it stands. */
const none = Object.freeze({});
const nothing: readonly never[] = Object.freeze([]);

/** @param newId for a request without one */
export function parseAllocation(body: unknown, newId: () => string): Parsed {
  try {
    const whole = objectOf(body, 'the body');
    const resource = whole.spec !== undefined;
    return { ok: true, ask: askOf(resource ? objectOf(whole.spec, 'spec') : whole, newId), resource };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, message: error.message };
    throw error;
  }
}

function askOf(body: Json, newId: () => string): AllocationAsk {
  if (isOn(body.multiClusterSetting ?? body.multiClusterSettings)) {
    throw new Wrong('multiClusterSetting.enabled: an Atlas allocates its own game servers only');
  }
  const given = listOf(body.gameServerSelectors ?? body.selectors, 'gameServerSelectors');
  const preferred = listOf(body.preferredGameServerSelectors ?? body.preferred, 'preferredGameServerSelectors');
  // The former words: what is preferred, and else what is required, which is anything unless it is said.
  const selectors = given.length > 0 ? given : [...preferred, body.requiredGameServerSelector ?? body.required ?? {}];
  if (selectors.length > limits.selectors)
    throw new Wrong(`gameServerSelectors: at most ${limits.selectors}, found ${selectors.length}`);
  const meta = optionalObject(body.metadata ?? body.metaPatch, 'metadata');
  const requestId = optionalText(body.requestId, 'requestId', limits.requestChars);
  return {
    requestId: requestId === undefined || requestId === '' ? newId() : requestId,
    selectors: selectors.map(readSelector),
    priorities: listOf(body.priorities, 'priorities').map((each, i) => priorityOf(objectOf(each, `priorities[${i}]`), i)),
    scheduling: choiceOf(body.scheduling, 'scheduling', ['Packed', 'Distributed']) as 'Packed' | 'Distributed',
    labels: textsOf(meta.labels, 'metadata.labels'),
    annotations: textsOf(meta.annotations, 'metadata.annotations'),
    counters: entriesOf(body.counters, 'counters', counterAction),
    lists: entriesOf(body.lists, 'lists', listAction),
    waitMs: numberOf(body.waitMs, 'waitMs', 0, limits.waitMs) ?? 0,
    leaseMs: (numberOf(body.leaseSeconds, 'leaseSeconds', 0, limits.leaseS) ?? 0) * 1000,
    priority: numberOf(body.priority, 'priority', -1000, 1000) ?? 0,
    players: textListOf(body.players, 'players', 64),
    session: sessionOf(body.session),
  };
}

export function answerOf(given: AllocationGiven, resource: boolean): object {
  const { server, ports, address, node, labels, annotations, counters, lists, requestId } = given;
  const whole = resource ? (n: number) => n : String;
  const told = {
    gameServerName: server,
    ports: ports.map(({ name, port }) => ({ name, port })),
    address,
    addresses: [{ type: 'InternalIP', address }],
    nodeName: node,
    source: 'local',
    metadata: { labels, annotations },
    counters: each(counters, ({ count, capacity }) => ({ count: whole(count), capacity: whole(capacity) })),
    lists: each(lists, ({ values, capacity }) => ({ values, capacity: whole(capacity) })),
    requestId,
  };
  return resource ? resourceOf({ state: 'Allocated', ...told }) : told;
}

function each<T, U>(all: Readonly<Record<string, T>>, told: (one: T) => U): Readonly<Record<string, U>> {
  const entries = Object.entries(all);
  return entries.length === 0 ? none : Object.fromEntries(entries.map(([name, one]) => [name, told(one)]));
}

/** What the Kubernetes resource says where nothing is ready: no refusal, but a state. */
export function unallocated(): object {
  return resourceOf({ state: 'UnAllocated', gameServerName: '', source: 'local' });
}

function resourceOf(status: object): object {
  return { apiVersion: 'allocation.agones.dev/v1', kind: 'GameServerAllocation', status };
}

/** gRPC's code for a status of HTTP, as Agones' allocator service answers with in a refusal's body. */
export function grpcCodeOf(status: number): number {
  return { 400: 3, 401: 16, 403: 7, 404: 5, 409: 9, 413: 3, 421: 7, 429: 8, 500: 13 }[status] ?? 14;
}

/** Reads one of a list. Where that stands is put before the complaint when there is one: writing it down for each good request costs more than reading it. */
function oneOf<T>(list: string, read: (body: Json) => T): (value: unknown, i: number) => T {
  return (value, i) => {
    const body = isObject(value) ? value : objectOf(value, `${list}[${i}]`);
    try {
      return read(body);
    } catch (error) {
      throw error instanceof Wrong ? new Wrong(`${list}[${i}].${error.message}`) : error;
    }
  };
}

const readSelector = oneOf('gameServerSelectors', (body): Selector => {
  const state = choiceOf(body.gameServerState, 'gameServerState', ['READY', 'ALLOCATED', 'Ready', 'Allocated']);
  const players = optionalObject(body.players, 'players');
  const lists = entriesOf(body.lists, 'lists', listWish);
  return {
    matchLabels: textsOf(body.matchLabels, 'matchLabels'),
    matchExpressions: listOf(body.matchExpressions, 'matchExpressions').map(readExpression),
    state: state.toUpperCase() === 'ALLOCATED' ? 'Allocated' : 'Ready',
    counters: entriesOf(body.counters, 'counters', counterWish),
    // Agones' alpha feature: room for players, by its list of that name.
    lists:
      players.minAvailable === undefined && players.maxAvailable === undefined
        ? lists
        : {
            players: { contains: undefined, available: spanOf(players.minAvailable, players.maxAvailable, 'players') },
            ...lists,
          },
  };
});

const readExpression = oneOf('matchExpressions', ({ key, operator, values }): Selector['matchExpressions'][0] => ({
  key: textOf(key, 'key', 256),
  operator: choiceOf(operator, 'operator', ['In', 'NotIn', 'Exists', 'DoesNotExist']) as 'In',
  values: textListOf(values, 'values', limits.chars),
}));

function counterWish({ minCount, maxCount, minAvailable, maxAvailable }: Json, at: string): Selector['counters'][string] {
  return { count: spanOf(minCount, maxCount, at), available: spanOf(minAvailable, maxAvailable, at) };
}

function listWish({ containsValue, minAvailable, maxAvailable }: Json, at: string): Selector['lists'][string] {
  return {
    contains: optionalText(containsValue, `${at}.containsValue`, limits.chars) || undefined,
    available: spanOf(minAvailable, maxAvailable, at),
  };
}

function priorityOf({ type, key, order }: Json, i: number): AllocationAsk['priorities'][0] {
  const at = `priorities[${i}]`;
  return {
    type: choiceOf(type, `${at}.type`, ['Counter', 'List']) as 'Counter',
    key: textOf(key, `${at}.key`, 256),
    order: choiceOf(order, `${at}.order`, ['Ascending', 'Descending']) as 'Ascending',
  };
}

function counterAction(body: Json, at: string): AllocationAsk['counters'][string] {
  const amount = numberOf(body.amount, `${at}.amount`, 0, 2 ** 53 - 1);
  const named = body.action !== undefined && body.action !== null;
  if (named !== (amount !== undefined)) throw new Wrong(`${at}: action and amount go together, found ${found(body)}`);
  const action = choiceOf(body.action, `${at}.action`, ['Increment', 'Decrement']);
  return {
    by: action === 'Decrement' ? -(amount ?? 0) : (amount ?? 0),
    capacity: numberOf(body.capacity, `${at}.capacity`, 0, 2 ** 53 - 1),
  };
}

function listAction(body: Json, at: string): AllocationAsk['lists'][string] {
  const texts = (value: unknown, name: string) => textListOf(value, `${at}.${name}`, 256);
  return {
    add: texts(body.addValues, 'addValues'),
    remove: texts(body.deleteValues, 'deleteValues'),
    capacity: numberOf(body.capacity, `${at}.capacity`, 0, 1000),
  };
}

function spanOf(min: unknown, max: unknown, at: string): { readonly min?: number; readonly max?: number } {
  const [least, most] = [numberOf(min, `${at}: its least`, 0, 2 ** 53 - 1), numberOf(max, `${at}: its most`, 0, 2 ** 53 - 1)];
  if (least && most && least > most) throw new Wrong(`${at}: its least, ${least}, is above its most, ${most}`);
  // Agones: 0 says nothing.
  return { ...(least ? { min: least } : {}), ...(most ? { max: most } : {}) };
}

function sessionOf(value: unknown): string {
  if (value === undefined) return '';
  const text = JSON.stringify(value);
  if (text.length > limits.sessionChars)
    throw new Wrong(`session: JSON of at most ${limits.sessionChars} characters, found ${text.length}`);
  return text;
}

function isOn(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as Json).enabled === true;
}

function objectOf(value: unknown, at: string): Json {
  if (isObject(value)) return value;
  throw new Wrong(`${at}: expected an object, found ${found(value)}`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function optionalObject(value: unknown, at: string): Json {
  return value === undefined || value === null ? {} : objectOf(value, at);
}

function listOf(value: unknown, at: string): readonly unknown[] {
  if (value === undefined || value === null) return nothing;
  if (!Array.isArray(value) || value.length > limits.players) throw new Wrong(`${at}: expected a list, found ${found(value)}`);
  return value;
}

function textListOf(value: unknown, at: string, charsMax: number): readonly string[] {
  const list = listOf(value, at);
  for (let i = 0; i < list.length; i++) textOf(list[i], at, charsMax, i);
  return list as readonly string[];
}

function entriesOf<T>(value: unknown, at: string, read: (each: Json, at: string) => T): Record<string, T> {
  if (value === undefined || value === null) return none as Record<string, T>;
  const entries = Object.entries(objectOf(value, at));
  if (entries.length > limits.keys) throw new Wrong(`${at}: at most ${limits.keys}, found ${entries.length}`);
  return Object.fromEntries(entries.map(([key, each]) => [key, read(objectOf(each, `${at}.${key}`), `${at}.${key}`)]));
}

/** The object as it came, once all of it is texts: it was made for this request, by JSON.parse. */
function textsOf(value: unknown, at: string): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return none as Record<string, string>;
  const texts = objectOf(value, at);
  let count = 0;
  for (const key in texts) {
    textOf(texts[key], at, limits.chars, key);
    count++;
  }
  if (count > limits.keys) throw new Wrong(`${at}: at most ${limits.keys}, found ${count}`);
  return texts as Readonly<Record<string, string>>;
}

/** @param key where it stands below `at` */
function textOf(value: unknown, at: string, charsMax: number, key?: string | number): string {
  if (typeof value === 'string' && value.length <= charsMax) return value;
  const where = key === undefined ? at : typeof key === 'number' ? `${at}[${key}]` : `${at}.${key}`;
  throw new Wrong(`${where}: expected a text of at most ${charsMax} characters, found ${found(value)}`);
}

function optionalText(value: unknown, at: string, charsMax: number): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value, at, charsMax);
}

/** The first name stands for absence: protobuf's JSON leaves out what is zero. */
function choiceOf(value: unknown, at: string, names: readonly string[]): string {
  if (value === undefined || value === null || value === '') return names[0] ?? '';
  if (typeof value === 'number' && names[value] !== undefined) return names[value];
  if (typeof value === 'string' && names.includes(value)) return value;
  throw new Wrong(`${at}: expected one of ${names.join(', ')}, found ${found(value)}`);
}

function numberOf(value: unknown, at: string, least: number, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  const n = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof n === 'number' && Number.isSafeInteger(n) && n >= least && n <= most) return n;
  throw new Wrong(`${at}: expected a whole number from ${least} to ${most}, found ${found(value)}`);
}

function found(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
