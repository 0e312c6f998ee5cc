/** Lists in pages. A cursor says after which item the next page begins, and where that was, in case the item is gone by then. */
import { Refused } from './problems.ts';

export interface Paging {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly total: number;
}

export function pageOfList<T>(all: readonly T[], idOf: (item: T) => string | number, { limit, cursor }: Paging): PageOf<T> {
  const start = cursor === undefined ? 0 : startOf(all, idOf, cursor);
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  const next = last === undefined || start + limit >= all.length ? null : encode(idOf(last), start + items.length);
  return { items, next, total: all.length };
}

function startOf<T>(all: readonly T[], idOf: (item: T) => string | number, cursor: string): number {
  const [id, offset] = decode(cursor);
  // Lists move little between two pages: the item is most likely where it was.
  const before = all[offset - 1];
  if (before !== undefined && idOf(before) === id) return offset;
  const at = all.findIndex((item) => idOf(item) === id);
  return at >= 0 ? at + 1 : Math.min(offset, all.length);
}

function encode(id: string | number, offset: number): string {
  return Buffer.from(JSON.stringify([id, offset])).toString('base64url');
}

function decode(cursor: string): [string | number, number] {
  try {
    const [id, offset] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    if ((typeof id === 'string' || typeof id === 'number') && Number.isSafeInteger(offset) && Number(offset) >= 0) {
      return [id, Number(offset)];
    }
  } catch {
    // Refused below.
  }
  throw new Refused('REQUEST_INVALID', 'cursor is not one that a page gave as next: start again without it', {
    errors: [{ in: 'query', field: 'cursor', expected: 'what the page before gave as next', found: cursor.slice(0, 80) }],
  });
}
