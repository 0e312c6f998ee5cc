import { describe, expect, it } from 'vitest';
import { noPaint } from '../paint.ts';
import { type Finding, fail, findingLines, ok, summaryLine, warn } from './finding.ts';

const check = (finding: Finding, width: number, lines: string[]) => expect(findingLines(finding, width, noPaint)).toEqual(lines);

describe('a finding', () => {
  it('that is fine is a line', () => check(ok('node', '24.21.0'), 80, ['ok    node           24.21.0']));
  it('that is a fault says how to mend it', () =>
    check(fail('api port', 'another program uses port 7700', 'stop it, or set api.port'), 80, [
      'FAIL  api port       another program uses port 7700',
      '                     → stop it, or set api.port',
    ]));
  it('at 40 columns goes on below', () =>
    check(warn('disk', 'only 512 MB are free where the world is kept', 'make room in /srv'), 40, [
      'warn  disk: only 512 MB are free where',
      '      the world is kept',
      '      → make room in /srv',
    ]));
  it('into a pipe is never broken', () =>
    check(ok('x', 'y '.repeat(100).trim()), Number.POSITIVE_INFINITY, [`ok    x              ${'y '.repeat(100).trim()}`]));
});

it.each([
  [[ok('a', '')], 'All 1 checks are fine.'],
  [[ok('a', ''), warn('b', '', '')], 'No fault in 2 checks, 1 with a warning.'],
  [[fail('a', '', ''), warn('b', '', '')], '1 of 2 checks failed, 1 with a warning.'],
])('the end', (findings, text) => expect(summaryLine(findings, noPaint)).toBe(text));
