/** What the commands that list things have in common: all of them, or a page's worth, as a table, JSON or YAML. */
import type { Run } from './options.ts';
import { render } from './output.ts';
import { type Column, table } from './table.ts';

export interface Listing<T> {
  readonly items: readonly T[];
  /** All that match, shown or not. */
  readonly total: number;
}

/** @param none what is said where there is nothing. */
export function printList<T>(
  { options, terminal }: Run,
  { items, total }: Listing<T>,
  columns: readonly Column<T>[],
  none: string,
): void {
  const { width, paint } = terminal;
  if (options.output === 'table' && items.length === 0) terminal.note(none);
  else terminal.print(render(options.output, { items, total }, () => table(columns, items, { width, paint })));
  if (options.output === 'table' && total > items.length)
    terminal.note(`… and ${total - items.length} more: --limit ${total} shows them`);
}
