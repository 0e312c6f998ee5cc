/**
 * Text that others chose, on a terminal: made harmless, measured in columns and cut to a width. Players name themselves, games name
 * regions and print logs; none of them may move the cursor, turn the rest of a line round, or make a table crooked.
 */
import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';

/** Loaded with the first text that is not ASCII: its tables of pictures take longer than a small command does. */
let stringWidth: ((text: string) => number) | undefined;

/** A cluster of more marks than any script stacks is a prank that runs into the lines around it. */
const marksMax = 4;

/**
 * Control characters, line ends, formatting characters (those that reorder or hide text, the byte order mark) and lone halves of pairs.
 * The joiner is left where it joins pictures, the tags are not: a flag less.
 */
const harmful =
  /(?<!\p{Extended_Pictographic}\ufe0f?)\u200d|\u200d(?!\p{Extended_Pictographic})|(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One line, safe to print. What was harmful shows as U+FFFD, so that a name that tried is seen to have tried; white space is a blank. */
export function harmless(raw: string): string {
  if (/^[\x20-\x7e]*$/.test(raw)) return raw;
  return raw
    .replace(/[\t\r\n]+/g, ' ')
    .replace(harmful, '\ufffd')
    .replace(new RegExp(`(\\p{M}{${marksMax}})\\p{M}+`, 'gu'), '$1');
}

/** A line of a program's output: its colours are dropped, the rest is as harmless as a name. */
export function harmlessLine(raw: string): string {
  return harmless(stripVTControlCharacters(raw).replace(/\r$/, ''));
}

/** Columns of a terminal that it takes. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  stringWidth ??= (createRequire(import.meta.url)('string-width') as typeof import('string-width')).default;
  return stringWidth(text);
}

/** At most `room` columns, harmless; what is cut off shows as an ellipsis. */
export function cut(raw: string, room: number): string {
  const text = harmless(raw);
  if (widthOf(text) <= room) return text;
  if (room < 1) return '';
  return `${head(text, room - 1)}…`;
}

/** As `cut`, but out of the middle: of ids the beginning tells the kind, and the end tells them apart. */
export function cutMiddle(raw: string, room: number): string {
  const text = harmless(raw);
  if (widthOf(text) <= room) return text;
  if (room < 5) return cut(text, room);
  const end = Math.min(6, Math.ceil((room - 1) / 2));
  return `${head(text, room - 1 - end)}…${tail(text, end)}`;
}

/** Filled up with blanks to `room` columns. */
export function pad(text: string, room: number, right = false): string {
  const blanks = ' '.repeat(Math.max(0, room - widthOf(text)));
  return right ? `${blanks}${text}` : `${text}${blanks}`;
}

/** Text of a script that runs from right to left keeps to its own cell, and leaves the order of the others alone. */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text;
}

function head(text: string, room: number): string {
  return fill(graphemes(text), room).join('');
}

function tail(text: string, room: number): string {
  return fill(graphemes(text).reverse(), room).reverse().join('');
}

function fill(parts: readonly string[], room: number): string[] {
  const kept: string[] = [];
  let width = 0;
  for (const part of parts) {
    width += widthOf(part);
    if (width > room) break;
    kept.push(part);
  }
  return kept;
}

function graphemes(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}
