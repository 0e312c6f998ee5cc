/**
 * Rows in columns that fit the terminal: when there is no room, the less important columns go first, then long texts are cut; a line is
 * never wrapped. Into a pipe everything goes, at its full width.
 */
import { type Formatter, noPaint, type Paint } from './paint.ts';
import { cut, cutMiddle, harmless, isolated, pad, widthOf } from './text-width.ts';

export interface Column<T> {
  readonly title: string;
  /** What is not known shows as a dash. */
  readonly cell: (row: T) => string | null;
  /** Figures stand to the right. */
  readonly right?: boolean;
  /** Columns with a higher rank go first when there is no room; those of rank 0 stay. */
  readonly rank: number;
  readonly tone?: (row: T, paint: Paint) => Formatter;
  /** It may be squeezed to this many columns. Default: not at all. */
  readonly min?: number;
  /** An id: cut out of the middle. */
  readonly id?: boolean;
}

export interface TableSpace {
  /** Columns of the terminal; Infinity for a pipe. */
  readonly width: number;
  readonly paint?: Paint;
  /** Blanks before each line. */
  readonly indent?: number;
}

const between = 2;
const same: Formatter = (text) => text;

/** The heading and a line for each row. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], space: TableSpace): string[] {
  const { paint = noPaint, indent = 0 } = space;
  const room = space.width - indent;
  const measured = columns.map((column) => ({
    column,
    full: Math.max(widthOf(column.title), ...rows.map((row) => widthOf(harmless(column.cell(row) ?? '–')))),
  }));
  const kept = fit(measured, room);
  const line = (cellOf: (column: Column<T>) => { text: string; tone: Formatter }) =>
    `${' '.repeat(indent)}${kept
      .map(({ column, width }, i) => {
        const { text, tone } = cellOf(column);
        const shown = (column.id ? cutMiddle : cut)(text, width);
        const closed = Number.isFinite(room) ? isolated(shown) : shown;
        if (column.right) return tone(pad(closed, width, true));
        return i === kept.length - 1 ? tone(closed) : `${tone(closed)}${pad('', width - widthOf(shown))}`;
      })
      .join(' '.repeat(between))}`.trimEnd();
  return [
    line(({ title }) => ({ text: title, tone: paint.dim })),
    ...rows.map((row) => line((column) => ({ text: column.cell(row) ?? '–', tone: column.tone?.(row, paint) ?? same }))),
  ];
}

/** `label  value` lines, values cut to the room that the longest label leaves. */
export function fields(
  pairs: readonly (readonly [label: string, value: string])[],
  { width, paint = noPaint }: TableSpace,
): string[] {
  const labels = Math.min(Math.max(...pairs.map(([label]) => widthOf(label))), 24);
  return pairs.map(([label, value]) => {
    const shown = cut(value, width - labels - between);
    return `${paint.dim(pad(cut(label, labels), labels))}${' '.repeat(between)}${Number.isFinite(width) ? isolated(shown) : shown}`.trimEnd();
  });
}

interface Measured<T> {
  readonly column: Column<T>;
  readonly full: number;
}

function fit<T>(measured: readonly Measured<T>[], room: number): { column: Column<T>; width: number }[] {
  const least = ({ column, full }: Measured<T>) => Math.min(full, Math.max(column.min ?? full, widthOf(column.title)));
  const total = (of: (m: Measured<T>) => number, all: readonly Measured<T>[]) =>
    all.reduce((sum, each) => sum + of(each), between * (all.length - 1));
  let kept = [...measured];
  while (total(least, kept) > room && kept.some(({ column }) => column.rank > 0)) {
    const last = Math.max(...kept.map(({ column }) => column.rank));
    kept = kept.filter(({ column }) => column.rank < last);
  }
  const widths = kept.map(({ full }) => full);
  let excess = total(({ full }) => full, kept) - room;
  // The widest of those that may give way gives way first; in the end even those that may not, because a wrapped line is worse.
  for (const floorOf of [least, () => 3]) {
    while (excess > 0) {
      const at = widest(kept.map((each, i) => ((widths[i] ?? 0) > floorOf(each) ? (widths[i] ?? 0) : -1)));
      if (at < 0) break;
      widths[at] = (widths[at] ?? 0) - 1;
      excess--;
    }
  }
  return kept.map(({ column }, i) => ({ column, width: widths[i] ?? 0 }));
}

function widest(widths: readonly number[]): number {
  let at = -1;
  for (const [i, width] of widths.entries()) if (width >= 0 && width > (widths[at] ?? -1)) at = i;
  return at;
}
