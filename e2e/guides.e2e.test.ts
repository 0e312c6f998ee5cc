/** The guides are done as they are written: their files into an empty folder, their commands, and what they say will be seen. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { complaintsOf, type Guide, missingOf, parseGuide, Reader } from './guide.ts';
import { DEADLINE_MS } from './until.ts';

const folder = new URL('../docs/guides/', import.meta.url);
/** first-world.md has a test of its own, which also kills a server in the middle. */
const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'first-world.md');

/** Programs that a guide's commands need, and what brings them. */
const needs: readonly [program: string, debianPackage: string][] = [
  ['python3', 'python3'],
  ['openssl', 'openssl'],
  ['curl', 'curl'],
];

let reader: Reader | undefined;
afterEach(async () => {
  await reader?.leave();
  reader = undefined;
}, DEADLINE_MS);

describe.each(names)('%s', (name) => {
  const guide = parseGuide(readFileSync(new URL(name, folder), 'utf8'));
  const commands = guide.steps.filter((step) => step.kind === 'command');
  if (commands.length === 0) {
    // A page for which a longer story stands elsewhere; every other page shows something that can be done.
    // operate.md: journey.e2e.test.ts; edges.md: packages/edges/test and packages/atlas/test/edge-desk.net.test.ts.
    test('tells only of what other tests do', () => expect(['operate.md', 'edges.md']).toContain(name));
    return;
  }
  if (guide.steps.some((step) => step.kind === 'file' && step.name.endsWith('.ts'))) {
    test('has TypeScript that an editor takes', { timeout: 2 * DEADLINE_MS }, () => expect(complaintsOf(guide, name)).toBe(''));
  }
  const lacking = process.env.CI ? [] : lackingFor(guide);
  if (lacking.length > 0) console.warn(`SKIPPED ${name}: install ${lacking.join(' ')}`);
  test.skipIf(lacking.length > 0)('does what it says', { timeout: (2 + commands.length) * DEADLINE_MS }, async () => {
    reader = await Reader.sitDown(guide);
    for (const step of guide.steps) await reader.do(step);
  });
});

describe('what was seen', () => {
  test('is compared line by line, in order, with … for anything', () => {
    expect(missingOf('a\nxx b 12 c\nd\n', ['a', 'b … c'])).toBeUndefined();
    expect(missingOf('b\na\n', ['a', 'b'])).toBe('b');
    expect(missingOf('atlas.x', ['atlasXx'])).toBe('atlasXx');
  });
  test('is what a page has below its commands', () => {
    const page = '`a/b.ts`\n\n```ts\nlet a;\n```\n\n```console running\n$ one two\nx\n$ three\n```\n```ts\nno file\n```\n';
    expect(parseGuide(page).steps).toEqual([
      { kind: 'file', name: 'a/b.ts', text: 'let a;\n' },
      { kind: 'command', command: 'one two', expects: ['x'], stays: true },
      { kind: 'command', command: 'three', expects: [], stays: true },
    ]);
  });
});

function lackingFor({ steps }: Guide): string[] {
  const text = steps.map((step) => (step.kind === 'command' ? step.command : '')).join('\n');
  return needs.flatMap(([program, debianPackage]) =>
    text.includes(program) && spawnSync(program, ['--version']).error ? [debianPackage] : [],
  );
}
