/** What `atlas top` draws: as many lines as the terminal has rows, none wider than it. A pure function. */
import { bytes, count, duration, ms, percent } from '../figures.ts';
import type { Formatter, Paint } from '../paint.ts';
import { gatewayColumns, playerColumns, regionColumns, serverColumns } from '../resource-columns.ts';
import { type Column, table } from '../table.ts';
import { cut, harmless, pad, widthOf } from '../text-width.ts';
import { type Order, orders, type TopData, type TopState, views } from './state.ts';

export interface TopSpace {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  readonly nowMs: number;
  /** Of the world. */
  readonly name: string;
}

/** Lines around the table: title, totals, tabs, blank, heading; keys. */
const aroundRows = 6;

export function pageRows(rows: number): number {
  return Math.max(1, rows - aroundRows);
}

export interface TopFrame {
  readonly lines: readonly string[];
  /** The furthest that can be scrolled. */
  readonly scrollMax: number;
}

export function topFrame(data: TopData, state: TopState, space: TopSpace): TopFrame {
  const { columns, paint } = space;
  const page = pageRows(space.rows);
  const { heading, body } = rowsOf(data, state, space);
  const scrollMax = Math.max(0, body.length - page);
  const from = Math.min(state.scroll, scrollMax);
  const seen = body.slice(from, from + page);
  const blank = Array.from({ length: Math.max(0, page - seen.length) }, () => '');
  const lines = [
    title(data, space),
    totals(data, columns, paint),
    tabs(data, state, columns, paint),
    '',
    heading,
    ...seen,
    ...blank,
  ];
  const range = body.length > page ? `${from + 1}–${from + seen.length} of ${body.length}` : '';
  return { lines: [...lines, keys(state, range, columns, paint)].slice(0, Math.max(2, space.rows)), scrollMax };
}

function title({ status, trouble }: TopData, { columns, name, paint }: TopSpace): string {
  const right = trouble !== '' ? harmless(trouble) : status ? `up ${duration(status.uptimeS)}` : '';
  const room = Math.max(0, columns - widthOf(right) - 1);
  const left = cut(`Horizon Atlas${status ? ` ${status.version}` : ''}${name === '' ? '' : ` · ${name}`}`, room);
  const tone = trouble === '' ? paint.dim : paint.yellow;
  return `${paint.bold(left)}${' '.repeat(Math.max(1, columns - widthOf(left) - widthOf(right)))}${tone(cut(right, columns - 1))}`;
}

function totals({ status, regions, servers, gateways }: TopData, columns: number, paint: Paint): string {
  if (!status) return '';
  const processes = [...servers, ...gateways];
  const sum = (of: (it: { cpu: number | null; memoryBytes: number | null }) => number | null) =>
    processes.reduce<number | null>((all, each) => (of(each) === null ? all : (all ?? 0) + (of(each) ?? 0)), null);
  const { gapMs, total, failed, lost } = status.handoffs;
  const parts: [string, string, Formatter?][] = [
    ['players', String(status.players.online)],
    ['awake', `${regions.filter(({ state }) => state === 'active').length}/${regions.length}`],
    ['handoffs', String(total)],
    ...(lost > 0 ? ([['LOST', String(lost), paint.red]] as [string, string, Formatter][]) : []),
    ...(failed > 0 ? ([['failed', String(failed), paint.yellow]] as [string, string, Formatter][]) : []),
    ['gap p99', `${ms(gapMs.p99)} ms`],
    ['cpu', percent(sum(({ cpu }) => cpu)) ?? '–'],
    ['memory', bytes(sum(({ memoryBytes }) => memoryBytes)) ?? '–'],
  ];
  return along(
    parts.map(([label, value, tone]) => ({
      plain: `${label} ${value}`,
      shown: `${paint.dim(label)} ${(tone ?? paint.bold)(value)}`,
    })),
    columns,
    '  ',
  );
}

function tabs(data: TopData, { view }: TopState, columns: number, paint: Paint): string {
  const parts = views.map((name, i) => {
    const short = columns < 60 ? name.slice(0, 3) : name;
    const plain = `${i + 1} ${short} ${count(data[name].length)}`;
    return name === view
      ? { plain: `[${plain}]`, shown: paint.cyan(`[${plain}]`) }
      : { plain: ` ${plain} `, shown: ` ${paint.dim(plain)} ` };
  });
  return along(parts, columns, '');
}

function keys({ typing, find, paused }: TopState, range: string, columns: number, paint: Paint): string {
  if (typing) return cut(`/${find}▏  Enter keeps, Esc ends`, columns);
  const found = find === '' ? '' : `/${find}  `;
  const hints =
    columns < 60 ? 'q quit · tab view · s sort' : 'q quit · tab view · s sort · r reverse · / find · p pause · ↑↓ scroll';
  const left = cut(`${paused ? 'PAUSED  ' : ''}${found}${hints}`, columns - widthOf(range) - (range === '' ? 0 : 1));
  return `${paint.dim(left)}${range === '' ? '' : paint.dim(pad(range, columns - widthOf(left), true))}`;
}

/** As many as there is room for. */
function along(parts: readonly { plain: string; shown: string }[], columns: number, between: string): string {
  let width = 0;
  const kept: string[] = [];
  for (const { plain, shown } of parts) {
    width += widthOf(plain) + (kept.length === 0 ? 0 : between.length);
    if (width > columns) break;
    kept.push(shown);
  }
  return kept.join(between);
}

function rowsOf(data: TopData, state: TopState, space: TopSpace): { heading: string; body: string[] } {
  const { nowMs } = space;
  switch (state.view) {
    case 'regions':
      return drawn(data.regions, regionColumns, orders.regions, state, space);
    case 'servers':
      return drawn(data.servers, serverColumns(nowMs), orders.servers, state, space);
    case 'players':
      return drawn(data.players, playerColumns(nowMs), orders.players, state, space);
    case 'gateways':
      return drawn(data.gateways, gatewayColumns(nowMs), orders.gateways, state, space);
  }
}

function drawn<T>(
  all: readonly T[],
  columns: readonly Column<T>[],
  known: readonly Order<T>[],
  { sort, view, reversed, find }: TopState,
  { columns: width, paint }: TopSpace,
): { heading: string; body: string[] } {
  const order = known[sort[view]];
  const text = find.toLowerCase();
  const wanted =
    text === '' ? [...all] : all.filter((row) => columns.some(({ cell }) => (cell(row) ?? '').toLowerCase().includes(text)));
  if (order) wanted.sort(order.compare);
  if (reversed) wanted.reverse();
  // What it is sorted by stays, however narrow it gets.
  const marked = columns.map((column) =>
    column.title === order?.title ? { ...column, title: `${column.title}${reversed ? '▴' : '▾'}`, rank: 0 } : column,
  );
  const [heading = '', ...body] = table(marked, wanted, { width, paint });
  return { heading, body };
}
