/** docs/reference/protocol.md is held against the codecs: its examples, its tables of frames, and its kinds of close codes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { unions } from '../test/catalogue.ts';
import { membersOf, type Shape } from '../test/shape.ts';
import { type ErrorEntry, errors } from './errors.ts';
import { events } from './limits.ts';

const page = readFileSync(new URL('../../../docs/reference/protocol.md', import.meta.url), 'utf8');

describe('examples', () => {
  const blocks = [...page.matchAll(/```hex\n# (\S+) (.*)\n([^`]*)```/g)].map(([, union, json, hex]) => ({
    union: union as string,
    value: JSON.parse(json as string, (_, each) =>
      each?.$hex === undefined ? each : new Uint8Array(Buffer.from(each.$hex, 'hex')),
    ),
    hex: (hex as string).replace(/;.*$/gm, '').replace(/\s/g, ''),
  }));
  test('are there', () => expect(blocks.length).toBeGreaterThanOrEqual(6));
  test.each(blocks)('$value.kind is as the codec has it', ({ union, value, hex }) => {
    const codec = unions[union];
    expect(Buffer.from(codec?.encode(value) ?? []).toString('hex')).toBe(hex);
    expect(codec?.decode(new Uint8Array(Buffer.from(hex, 'hex')))).toEqual(value);
  });
});

describe('the tables of frames', () => {
  const rows = [...page.matchAll(/^\| ([0-9a-f]{2}) \| (\w+) \| (.*)\|$/gm)].map(([, tag, kind, fields]) => [
    tag,
    kind,
    (fields as string).replaceAll('`', '').trim(),
  ]);
  test('name every frame and every field', () => {
    const frames = ['client-frame', 'gateway-frame'].flatMap((union) =>
      membersOf(unions[union]?.type ?? '').map(({ tag, kind, shape }) => [
        tag.toString(16).padStart(2, '0'),
        kind,
        fieldsOf(shape),
      ]),
    );
    expect(rows).toEqual(frames);
  });
  test('name the reserved events', () => {
    expect(page).toContain(`| 0x${events.view.toString(16)} | in \`latest\``);
    expect(page).toContain(`| 0x${events.entity.toString(16)} | in \`message\``);
  });
  test('name the notices in order', () => {
    const notice = membersOf(unions['gateway-frame']?.type ?? '').find(({ kind }) => kind === 'notice')?.shape;
    const choice = notice?.is === 'struct' ? notice.fields.find(([name]) => name === 'notice')?.[1] : undefined;
    const names = choice?.is === 'choice' ? choice.names : [];
    expect(page).toContain(`Notices in order: ${names.map((name) => `\`${name}\``).join(' ')}.`);
  });
});

test('every close code has its kind, and those that may not be tried again are told so', () => {
  const kinds = page.slice(page.indexOf('| Close code |')).split('\n').slice(2, 6);
  for (const [code, entry] of Object.entries(errors) as [string, ErrorEntry][]) {
    if (entry.close === undefined) continue;
    const named = kinds.filter((kind) => new RegExp(`\\b${entry.close}\\b`).test(kind.split('|')[1] ?? ''));
    expect(named, `${code} ${entry.close}`).toHaveLength(1);
    const resumes = code === 'RESUME_INVALID' || code === 'RESUME_REPLAYED';
    expect(named[0]?.includes('stop, and tell'), code).toBe(!entry.retry && !resumes);
  }
});

function fieldsOf(shape: Shape): string {
  return shape.is === 'struct' ? shape.fields.map(([name, each]) => `${name}:${textOf(each)}`).join(' ') : '';
}

function textOf(shape: Shape): string {
  if (shape.is === 'list') return `[${textOf(shape.of)}]`;
  if (shape.is === 'primitive') return shape.name;
  return shape.is;
}
