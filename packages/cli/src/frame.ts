/**
 * What `atlas up` shows on a terminal, as a pure function of what is known and of the terminal's width: lines, none of them wider than
 * the terminal, so that redrawing them in place never leaves a mess.
 */
import type { Status } from '@horizon-atlas/atlas';

export interface FrameState {
  readonly phase: 'starting' | 'running' | 'stopping' | 'restarting';
  readonly name: string;
  readonly version: string;
  readonly api: string;
  readonly gateways: readonly string[];
  /** undefined until the control plane has told it. */
  readonly status: Status | undefined;
  /** Newest last. */
  readonly happenings: readonly Happening[];
}

export interface Happening {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly tone: 'plain' | 'good' | 'bad';
  readonly text: string;
}

type Formatter = (text: string) => string;

/** The few colours in use; all of them the identity where there are none. */
export interface Paint {
  readonly bold: Formatter;
  readonly dim: Formatter;
  readonly green: Formatter;
  readonly yellow: Formatter;
  readonly red: Formatter;
  readonly cyan: Formatter;
}

export const limits = {
  /** Below this the terminal wraps, and we let it. */
  columnsMin: 32,
  columnsMax: 120,
  /** More regions than this are summed up in one line. */
  regions: 12,
  happenings: 5,
} as const;

export function frame(state: FrameState, columns: number, paint: Paint): string[] {
  const width = Math.max(limits.columnsMin, Math.min(columns, limits.columnsMax)) - 1;
  const { status } = state;
  return [
    '',
    header(state, width, paint),
    '',
    ...(status ? [...totals(status, width, paint), '', ...regionTable(status, width, paint), ''] : []),
    ...happenings(state, width, paint),
    ...signposts(state, width, paint),
  ];
}

/** One line for logs and pipes. */
export function summary({ players, handoffs, regions }: Status): string {
  const active = regions.filter(({ state }) => state === 'active').length;
  const { gapMs } = handoffs;
  const trouble = [
    handoffs.failed > 0 ? `${handoffs.failed} failed` : '',
    handoffs.rolledBack > 0 ? `${handoffs.rolledBack} rolled back` : '',
    handoffs.lost > 0 ? `${handoffs.lost} LOST` : '',
  ].filter((text) => text !== '');
  return [
    `players ${players.online}`,
    `awake ${active}/${regions.length}`,
    `handoffs ${handoffs.total}${trouble.length > 0 ? ` (${trouble.join(', ')})` : ''}`,
    `gap p50 ${ms(gapMs.p50)} p99 ${ms(gapMs.p99)} max ${ms(gapMs.max)} ms`,
  ].join(', ');
}

export function clockTime(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
}

export function duration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

function header({ phase, name, version, status }: FrameState, width: number, paint: Paint): string {
  const title = ` Horizon Atlas ${version}${name === '' ? '' : ` · ${name}`}`;
  const right = { starting: 'starting', restarting: 'restarting', stopping: 'stopping', running: '' }[phase];
  const up = right !== '' ? right : status ? `up ${duration(status.uptimeS)}` : '';
  const left = cut(title, width - up.length - 2);
  const gap = ' '.repeat(Math.max(1, width - left.length - up.length));
  return `${paint.bold(left)}${gap}${phase === 'running' ? paint.dim(up) : paint.yellow(up)}`;
}

function totals({ players, handoffs, regions }: Status, width: number, paint: Paint): string[] {
  const { gapMs } = handoffs;
  const active = regions.filter(({ state }) => state === 'active').length;
  const parts = [
    figure('players', String(players.online), paint),
    figure('awake', `${active}/${regions.length}`, paint),
    figure('handoffs', String(handoffs.total), paint),
    figure('gap p50', `${ms(gapMs.p50)} ms`, paint),
    figure('p99', `${ms(gapMs.p99)} ms`, paint),
    figure('max', `${ms(gapMs.max)} ms`, paint),
  ];
  if (handoffs.failed > 0) parts.push(figure('failed', String(handoffs.failed), paint, paint.yellow));
  if (handoffs.rolledBack > 0) parts.push(figure('rolled back', String(handoffs.rolledBack), paint, paint.yellow));
  if (handoffs.lost > 0) parts.push(figure('LOST', String(handoffs.lost), paint, paint.red));
  return flow(parts, width);
}

interface Piece {
  readonly text: string;
  readonly length: number;
}

function figure(label: string, value: string, paint: Paint, tone: Formatter = paint.bold): Piece {
  return { text: `${paint.dim(label)} ${tone(value)}`, length: label.length + 1 + value.length };
}

/** Pieces side by side, on as many lines as they need. */
function flow(pieces: readonly Piece[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let length = 0;
  for (const piece of pieces) {
    if (length > 0 && length + 3 + piece.length > width) {
      lines.push(line);
      line = '';
      length = 0;
    }
    line += `${length === 0 ? ' ' : '   '}${piece.text}`;
    length += (length === 0 ? 1 : 3) + piece.length;
  }
  if (length > 0) lines.push(line);
  return lines;
}

interface Column {
  readonly title: string;
  readonly right: boolean;
  /** Columns with a higher rank go first when there is no room. */
  readonly rank: number;
  readonly cells: readonly string[];
  readonly tones?: readonly Formatter[];
}

function regionTable({ regions, servers }: Status, width: number, paint: Paint): string[] {
  const shown = regions.length > limits.regions ? busiest(regions) : regions;
  const owners = shown.map((region) => servers.find(({ id }) => id === region.server));
  const plain: Formatter = (text) => text;
  const columns: Column[] = [
    { title: 'REGION', right: false, rank: 0, cells: shown.map(({ name }) => name) },
    {
      title: 'STATE',
      right: false,
      rank: 2,
      cells: shown.map(({ state }) => state),
      tones: shown.map(({ state }) => ({ active: paint.green, starting: paint.yellow, asleep: paint.dim })[state]),
    },
    { title: 'PLAYERS', right: true, rank: 0, cells: shown.map(({ players }) => String(players)) },
    {
      title: 'TICK WORK',
      right: true,
      rank: 1,
      cells: owners.map((owner) => (owner?.workMs ? `${owner.workMs.p50.toFixed(1)}/${owner.workMs.p90.toFixed(1)} ms` : '–')),
      tones: owners.map((owner) => (owner?.workMs && owner.tickHz && owner.workMs.p90 > 800 / owner.tickHz ? paint.red : plain)),
    },
    { title: 'EPOCH', right: true, rank: 3, cells: shown.map(({ epoch }) => String(epoch)) },
    { title: 'PID', right: true, rank: 4, cells: owners.map((owner) => (owner && owner.pid > 0 ? String(owner.pid) : '–')) },
    { title: 'OWNER', right: false, rank: 5, cells: shown.map(({ server }) => (server === '' ? '–' : shortId(server))) },
  ];
  const rows = table(columns, width, paint);
  const more = regions.length - shown.length;
  return more > 0 ? [...rows, paint.dim(cut(` … and ${more} quieter regions`, width))] : rows;
}

function busiest(regions: Status['regions']): Status['regions'] {
  const chosen = new Set([...regions].sort((a, b) => b.players - a.players || a.id.localeCompare(b.id)).slice(0, limits.regions));
  return regions.filter((region) => chosen.has(region));
}

function table(all: readonly Column[], width: number, paint: Paint): string[] {
  let columns = all;
  const widthOf = ({ title, cells }: Column) => Math.max(title.length, ...cells.map((cell) => cell.length));
  const total = () => columns.reduce((sum, column) => sum + widthOf(column) + 2, 0);
  while (total() > width && columns.some(({ rank }) => rank > 0)) {
    const last = Math.max(...columns.map(({ rank }) => rank));
    columns = columns.filter(({ rank }) => rank < last);
  }
  // Still too wide: the first column, names, gives way.
  const excess = Math.max(0, total() - width);
  const widths = columns.map((column, i) => (i === 0 ? Math.max(8, widthOf(column) - excess) : widthOf(column)));
  const line = (cellOf: (column: Column) => { text: string; tone: Formatter }) =>
    ` ${columns
      .map((column, i) => {
        const { text, tone } = cellOf(column);
        const room = widths[i] ?? 0;
        const fitted = cut(text, room);
        if (column.right) return tone(fitted.padStart(room));
        return tone(i === columns.length - 1 ? fitted : fitted.padEnd(room));
      })
      .join('  ')}`;
  const plain: Formatter = (text) => text;
  const rows = (all[0]?.cells ?? []).map((_, row) =>
    line((column) => ({ text: column.cells[row] ?? '', tone: column.tones?.[row] ?? plain })),
  );
  return [line(({ title }) => ({ text: title, tone: paint.dim })), ...rows];
}

function happenings({ happenings: all }: FrameState, width: number, paint: Paint): string[] {
  const latest = all.slice(-limits.happenings);
  if (latest.length === 0) return [];
  const tones = { plain: (text: string) => text, good: paint.green, bad: paint.red };
  return [
    ...latest.map(({ atMs, tone, text }) => {
      const time = ` ${clockTime(atMs)}  `;
      return `${paint.dim(time)}${tones[tone](cut(text, width - time.length))}`;
    }),
    '',
  ];
}

function signposts({ api, gateways, phase }: FrameState, width: number, paint: Paint): string[] {
  const pieces: Piece[] = [];
  const say = (label: string, value: string) =>
    pieces.push({ text: `${paint.dim(label)} ${paint.cyan(value)}`, length: label.length + 1 + value.length });
  if (api !== '') say('API', api);
  const [first] = gateways;
  if (first !== undefined) say(gateways.length === 1 ? 'gateway' : `${gateways.length} gateways from`, first);
  const key = phase === 'stopping' ? 'Ctrl-C again hurries' : 'Ctrl-C stops';
  pieces.push({ text: paint.dim(key), length: key.length });
  return flow(pieces, width);
}

/** At most `room` characters, and none that moves the cursor: names and messages come from games. */
function cut(raw: string, room: number): string {
  const text = raw.replace(/\p{Cc}/gu, ' ');
  if (text.length <= room) return text;
  return room < 1 ? '' : `${text.slice(0, room - 1)}…`;
}

function shortId(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 3)}…${id.slice(-6)}`;
}

function ms(value: number | null): string {
  return value === null ? '–' : value < 10 ? value.toFixed(1) : String(Math.round(value));
}
