/**
 * What `atlas up` shows on a terminal, as a pure function of what is known and of the terminal's width: lines, none of them wider than
 * the terminal, so that redrawing them in place never leaves a mess.
 */
import type { Status } from '@horizon-atlas/atlas';
import { clockTime, duration, ms } from './figures.ts';
import type { Formatter, Paint } from './paint.ts';
import { type Column, table } from './table.ts';
import { cut, widthOf } from './text-width.ts';

export interface FrameState {
  readonly phase: 'starting' | 'running' | 'stopping' | 'restarting';
  readonly name: string;
  readonly version: string;
  readonly api: string;
  readonly gateways: readonly string[];
  /** Where games beside the world are played. */
  readonly pages?: readonly string[] | undefined;
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
    ...(status?.warnings ?? []).map(({ code, message }) => paint.red(cut(` ${code}: ${message}`, width))),
    '',
    ...(status && hasWorld(status) ? [...totals(status, width, paint), '', ...regionTable(status, width, paint), ''] : []),
    ...happenings(state, width, paint),
    ...signposts(state, width, paint),
  ];
}

/** An Atlas with fleets alone has no regions to tell of: `atlas fleet` does. */
export const hasWorld = ({ regions }: Status): boolean => regions.length > 0;

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

function header({ phase, name, version, status }: FrameState, width: number, paint: Paint): string {
  const title = ` Horizon Atlas ${version}${name === '' ? '' : ` · ${name}`}`;
  const right = { starting: 'starting', restarting: 'restarting', stopping: 'stopping', running: '' }[phase];
  const up = right !== '' ? right : status ? `up ${duration(status.uptimeS)}` : '';
  const left = cut(title, width - widthOf(up) - 2);
  const gap = ' '.repeat(Math.max(1, width - widthOf(left) - widthOf(up)));
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
  return { text: `${paint.dim(label)} ${tone(value)}`, length: label.length + 1 + widthOf(value) };
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

function regionTable({ regions, servers }: Status, width: number, paint: Paint): string[] {
  const shown = regions.length > limits.regions ? busiest(regions) : regions;
  const rows = shown.map((region) => ({ region, owner: servers.find(({ id }) => id === region.server) }));
  const lines = table(regionColumns, rows, { width, paint, indent: 1 });
  const more = regions.length - shown.length;
  return more > 0 ? [...lines, paint.dim(cut(` … and ${more} quieter regions`, width))] : lines;
}

interface RegionRow {
  readonly region: Status['regions'][0];
  readonly owner: Status['servers'][0] | undefined;
}

const plain: Formatter = (text) => text;

const regionColumns: readonly Column<RegionRow>[] = [
  { title: 'REGION', rank: 0, min: 18, cell: ({ region }) => region.name },
  {
    title: 'STATE',
    rank: 2,
    cell: ({ region }) => region.state,
    tone: ({ region }, paint) => ({ active: paint.green, starting: paint.yellow, asleep: paint.dim })[region.state],
  },
  { title: 'PLAYERS', right: true, rank: 0, cell: ({ region }) => String(region.players) },
  {
    title: 'TICK WORK',
    right: true,
    rank: 1,
    cell: ({ owner }) => (owner?.workMs ? `${owner.workMs.p50.toFixed(1)}/${owner.workMs.p90.toFixed(1)} ms` : null),
    tone: ({ owner }, paint) => (owner?.workMs && owner.tickHz && owner.workMs.p90 > 800 / owner.tickHz ? paint.red : plain),
  },
  { title: 'EPOCH', right: true, rank: 3, cell: ({ region }) => String(region.epoch) },
  { title: 'PID', right: true, rank: 4, cell: ({ owner }) => (owner && owner.pid > 0 ? String(owner.pid) : null) },
  { title: 'OWNER', rank: 5, id: true, min: 12, cell: ({ region }) => (region.server === '' ? null : region.server) },
];

function busiest(regions: Status['regions']): Status['regions'] {
  const chosen = new Set([...regions].sort((a, b) => b.players - a.players || a.id.localeCompare(b.id)).slice(0, limits.regions));
  return regions.filter((region) => chosen.has(region));
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

function signposts({ api, gateways, pages = [], phase, status }: FrameState, width: number, paint: Paint): string[] {
  const pieces: Piece[] = [];
  const say = (label: string, value: string) =>
    pieces.push({ text: `${paint.dim(label)} ${paint.cyan(value)}`, length: label.length + 1 + widthOf(value) });
  if (api !== '') say('console', api);
  for (const page of pages) say('play', page);
  const [first] = gateways.filter((url) => url !== '');
  if (first !== undefined) say(gateways.length === 1 ? 'gateway' : `${gateways.length} gateways from`, first);
  if (status && !hasWorld(status)) say('fleets', 'atlas fleet');
  const key = phase === 'stopping' ? 'Ctrl-C again hurries' : 'Ctrl-C stops';
  pieces.push({ text: paint.dim(key), length: key.length });
  return flow(pieces, width);
}
