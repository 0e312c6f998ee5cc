/** What a check of `atlas doctor` found, and how it is written down. */
import type { Paint } from '../paint.ts';
import { harmless, pad, widthOf } from '../text-width.ts';

export type Level = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at: a word or two. */
  readonly name: string;
  readonly level: Level;
  /** What was found. */
  readonly text: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly mend: string;
}

export const ok = (name: string, text: string): Finding => ({ name, level: 'ok', text, mend: '' });
export const warn = (name: string, text: string, mend: string): Finding => ({ name, level: 'warn', text, mend });
export const fail = (name: string, text: string, mend: string): Finding => ({ name, level: 'fail', text, mend });

const nameColumns = 13;

/** A line for each finding, and how to mend it below; long ones go on in the next line, as far in as they began. */
export function findingLines({ name, level, text, mend }: Finding, width: number, paint: Paint): string[] {
  const tone = { ok: paint.green, warn: paint.yellow, fail: paint.red }[level];
  // On a narrow terminal there is no room for a column of names.
  const narrow = width < 60;
  const indent = narrow ? 6 : 6 + nameColumns + 2;
  const lead = `${tone(pad(level === 'fail' ? 'FAIL' : level, 4))}  ${narrow ? '' : `${name.padEnd(nameColumns)}  `}`;
  const [first = '', ...rest] = wrap(narrow ? `${name}: ${text}` : text, width - indent);
  const mends = mend === '' ? [] : wrap(`→ ${mend}`, width - indent);
  return [
    `${lead}${first}`.trimEnd(),
    ...[...rest, ...mends.map((line) => paint.cyan(line))].map((line) => ' '.repeat(indent) + line),
  ];
}

export function summaryLine(findings: readonly Finding[], paint: Paint): string {
  const count = (level: Level) => findings.filter((each) => each.level === level).length;
  const [warned, failed] = [count('warn'), count('fail')];
  if (failed > 0)
    return paint.red(`${failed} of ${findings.length} checks failed${warned > 0 ? `, ${warned} with a warning` : ''}.`);
  if (warned > 0) return paint.yellow(`No fault in ${findings.length} checks, ${warned} with a warning.`);
  return paint.green(`All ${findings.length} checks are fine.`);
}

function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of harmless(paragraph).split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && widthOf(longer) > Math.max(8, room)) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
  }
  return lines;
}
