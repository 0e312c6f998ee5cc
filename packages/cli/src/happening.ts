/** Events of Atlas's processes as lines of the terminal: which ones are worth one, and in which words, is decided in one table for all. */
import { lineOf } from '@horizon-atlas/atlas';
import type { Happening } from './frame.ts';

export type EventFields = Readonly<Record<string, unknown>>;

/** undefined: not worth a line on the terminal; the log has it. */
export function happeningOf(name: string, fields: EventFields, atMs: number): Happening | undefined {
  return lineOf(name, fields, atMs);
}
