/** What `atlas top` shows of a world: which view, in which order, from which row on; and how keys change that. Pure. */
import type { Gateway, Player, Region, Server, Status } from '@horizon-atlas/sdk-admin';

export const views = ['regions', 'servers', 'players', 'gateways'] as const;
export type View = (typeof views)[number];

export interface TopState {
  readonly view: View;
  /** Of each view: index into its sort orders. */
  readonly sort: Readonly<Record<View, number>>;
  readonly reversed: boolean;
  readonly scroll: number;
  readonly paused: boolean;
  /** Only rows with this in them; undefined while nothing is looked for. */
  readonly find: string;
  /** Keys go into `find` now. */
  readonly typing: boolean;
  readonly quit: boolean;
}

export interface TopData {
  readonly status: Status | undefined;
  readonly regions: readonly Region[];
  readonly servers: readonly Server[];
  readonly gateways: readonly Gateway[];
  readonly players: readonly Player[];
  /** Why nothing new comes; empty while it does. */
  readonly trouble: string;
}

export const noData: TopData = { status: undefined, regions: [], servers: [], gateways: [], players: [], trouble: 'connecting' };

export const startState: TopState = {
  view: 'regions',
  sort: { regions: 0, servers: 0, players: 0, gateways: 0 },
  reversed: false,
  scroll: 0,
  paused: false,
  find: '',
  typing: false,
  quit: false,
};

export interface Order<T> {
  /** Of the column. */
  readonly title: string;
  readonly compare: (a: T, b: T) => number;
}

const text = <T>(title: string, of: (row: T) => string): Order<T> => ({ title, compare: (a, b) => of(a).localeCompare(of(b)) });
/** Largest first, what is not known last. */
const figure = <T>(title: string, of: (row: T) => number | null): Order<T> => ({
  title,
  compare: (a, b) => (of(b) ?? Number.NEGATIVE_INFINITY) - (of(a) ?? Number.NEGATIVE_INFINITY),
});

export const orders: {
  readonly regions: readonly Order<Region>[];
  readonly servers: readonly Order<Server>[];
  readonly players: readonly Order<Player>[];
  readonly gateways: readonly Order<Gateway>[];
} = {
  regions: [
    figure('PLAYERS', ({ players }) => players),
    figure('LOAD', ({ load }) => load),
    figure('ENTITIES', ({ entities }) => entities),
    figure('EPOCH', ({ epoch }) => epoch),
    text('REGION', ({ id }) => id),
  ],
  servers: [
    figure('CPU', ({ cpu }) => cpu),
    figure('MEMORY', ({ memoryBytes }) => memoryBytes),
    figure('PLAYERS', ({ players }) => players),
    figure('RESTARTS', ({ restarts }) => restarts),
    text('REGION', ({ region }) => region),
  ],
  players: [
    figure('PING', ({ pingMs }) => pingMs),
    figure('HANDOFFS', ({ handoffs }) => handoffs),
    figure('GAP MS', ({ lastGapMs }) => lastGapMs),
    figure('JOINED', ({ joinedAtMs }) => joinedAtMs),
    text('REGION', ({ region }) => region),
    text('PLAYER', ({ id }) => id),
  ],
  gateways: [
    figure('CLIENTS', ({ connections }) => connections),
    figure('IN/S', ({ messagesInPerS }) => messagesInPerS),
    figure('OUT/S', ({ messagesOutPerS }) => messagesOutPerS),
    figure('CPU', ({ cpu }) => cpu),
    text('GATEWAY', ({ id }) => id),
  ],
};

/** @param page rows that are seen at once */
export function pressed(state: TopState, key: string, page: number): TopState {
  if (key === '\x03') return { ...state, quit: true };
  if (state.typing) return typed(state, key);
  const { view } = state;
  switch (key) {
    case 'q':
    case 'Q':
      return { ...state, quit: true };
    case '\t':
    case '\x1b[C':
      return show(state, (views.indexOf(view) + 1) % views.length);
    case '\x1b[Z':
    case '\x1b[D':
      return show(state, (views.indexOf(view) + views.length - 1) % views.length);
    case '1':
    case '2':
    case '3':
    case '4':
      return show(state, Number(key) - 1);
    case 's':
    case '>':
      return sorted(state, 1);
    case 'S':
    case '<':
      return sorted(state, -1);
    case 'r':
      return { ...state, reversed: !state.reversed, scroll: 0 };
    case 'p':
    case ' ':
      return { ...state, paused: !state.paused };
    case '/':
      return { ...state, typing: true, scroll: 0 };
    case '\x1b':
      return { ...state, find: '', scroll: 0 };
    default:
      return { ...state, scroll: Math.max(0, state.scroll + steps(key, page)) };
  }
}

function typed(state: TopState, key: string): TopState {
  if (key === '\r' || key === '\n') return { ...state, typing: false };
  if (key === '\x1b') return { ...state, typing: false, find: '' };
  if (key === '\x7f' || key === '\b') return { ...state, find: state.find.slice(0, -1) };
  return /^[^\p{Cc}]+$/u.test(key) ? { ...state, find: (state.find + key).slice(0, 40), scroll: 0 } : state;
}

function show(state: TopState, index: number): TopState {
  return { ...state, view: views[index] ?? state.view, scroll: 0, reversed: false };
}

function sorted(state: TopState, by: number): TopState {
  const { view, sort } = state;
  const count = orders[view].length;
  return { ...state, sort: { ...sort, [view]: (sort[view] + by + count) % count }, reversed: false, scroll: 0 };
}

function steps(key: string, page: number): number {
  switch (key) {
    case 'j':
    case '\x1b[B':
      return 1;
    case 'k':
    case '\x1b[A':
      return -1;
    case '\x1b[6~':
      return page;
    case '\x1b[5~':
      return -page;
    case 'g':
    case '\x1b[H':
      return Number.NEGATIVE_INFINITY;
    case 'G':
    case '\x1b[F':
      return Number.MAX_SAFE_INTEGER;
    default:
      return 0;
  }
}

/** Several keys may come in one chunk; an escape sequence is one. */
export function keysOf(chunk: string): string[] {
  return (chunk.match(sequence) ?? []).map((key) => (key.length > 2 && key[1] === 'O' ? `${ESC}[${key[2]}` : key));
}

const ESC = '\x1b';
const sequence = new RegExp(`${ESC}\\[[0-9;]*[A-Za-z~]|${ESC}O[A-Za-z]|[\\s\\S]`, 'gu');
