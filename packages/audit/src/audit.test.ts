import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '@horizon-atlas/runtime';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type Audit, type AuditOptions, openAudit, verifyAudit } from './index.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'atlas-audit-'));
  folders.push(made);
  return made;
}

const clock = manualClock();
const faults: unknown[] = [];
const open = (dir: string, options: Partial<AuditOptions> = {}): Audit =>
  openAudit({ dir, clock, onFault: (error) => faults.push(error), ...options });
const note = (subject: string, fields: Record<string, unknown> = {}) => ({
  kind: 'action.kill',
  actor: 'local',
  address: '::1',
  subject,
  code: '',
  fields,
});

/** A log of `count` entries, closed. */
function written(count: number, options: Partial<AuditOptions> = {}): string {
  const dir = folder();
  const audit = open(dir, options);
  for (let i = 0; i < count; i++) audit.append(note(`srv-${i}`));
  audit.close();
  return dir;
}

const files = (dir: string): string[] =>
  readdirSync(dir)
    .sort()
    .map((name) => join(dir, name));
const onlyFile = (dir: string): string => files(dir)[0] ?? '';

/** Changes the lines of the log and compares what verification says of it. */
async function check(change: (lines: string[]) => string[], expected: RegExp): Promise<void> {
  const dir = written(10);
  const file = onlyFile(dir);
  writeFileSync(file, `${change(readFileSync(file, 'utf8').trimEnd().split('\n')).join('\n')}\n`);
  const { ok, problems } = await verifyAudit(dir);
  expect(ok).toBe(false);
  expect(problems.map(({ line, what }) => `${line}: ${what}`).join('\n')).toMatch(expected);
}

describe('the audit log', () => {
  it('of what it has written says that it is whole', async () => {
    const dir = written(10);
    expect(await verifyAudit(dir)).toMatchObject({
      ok: true,
      files: 1,
      entries: 10,
      firstSeq: 1,
      lastSeq: 10,
      torn: false,
      problems: [],
    });
  });

  it('of nothing is nothing, and whole', async () => {
    expect(await verifyAudit(join(folder(), 'none'))).toMatchObject({ ok: true, files: 0, entries: 0 });
  });

  it('goes on with the chain after a restart', async () => {
    const dir = written(3);
    const audit = open(dir);
    audit.append(note('again'));
    audit.close();
    expect(await verifyAudit(dir)).toMatchObject({ ok: true, entries: 4, lastSeq: 4 });
  });

  it('goes on with the chain from file to file, keeps so many, and says what it removed', async () => {
    const dir = folder();
    const audit = open(dir, { fileBytes: 2000, files: 4 });
    for (let i = 0; i < 60; i++) {
      audit.append(note(`srv-${i}`));
      clock.advance(100);
    }
    audit.close();
    expect(files(dir).length).toBe(4);
    const verified = await verifyAudit(dir);
    expect(verified).toMatchObject({ ok: true, files: 4 });
    expect(verified.firstSeq).toBeGreaterThan(1);
    expect(readFileSync(files(dir).at(-1) ?? '', 'utf8') + readFileSync(files(dir).at(-2) ?? '', 'utf8')).toContain(
      'audit.removed',
    );
  });

  it('mends a last line that a crash has cut, and says so', async () => {
    const dir = written(5);
    const whole = readFileSync(onlyFile(dir)).length;
    truncateSync(onlyFile(dir), whole - 20);
    expect(await verifyAudit(dir)).toMatchObject({ ok: true, torn: true, entries: 4 });
    const audit = open(dir);
    const { entries } = await audit.page({ after: 0, limit: 9, latest: true, from: undefined });
    audit.close();
    expect(entries.map(({ seq, kind }) => `${seq} ${kind}`).slice(0, 2)).toEqual(['5 audit.repaired', '4 action.kill']);
    expect(await verifyAudit(dir)).toMatchObject({ ok: true, torn: false, entries: 5 });
  });

  it('survives a cut anywhere, with every entry before it', async () => {
    const dir = written(8);
    const text = readFileSync(onlyFile(dir));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: text.indexOf(0x0a) + 1, max: text.length }), async (cut) => {
        writeFileSync(onlyFile(dir), text.subarray(0, cut));
        const kept = text.subarray(0, cut).toString().split('\n').length - 2;
        open(dir).close();
        const { ok, torn, entries } = await verifyAudit(dir);
        expect({ ok, torn }).toEqual({ ok: true, torn: false });
        expect(entries).toBeGreaterThanOrEqual(kept);
      }),
      { numRuns: 40 },
    );
  });

  it('counts refusals and writes them once a second', async () => {
    const dir = folder();
    const audit = open(dir);
    for (let i = 0; i < 10_000; i++) audit.refuse('connection.refused', 'RATE_LIMITED', `10.0.0.${i % 20}`);
    audit.refuse('connection.refused', 'TOKEN_INVALID', '10.0.0.1');
    clock.advance(1000);
    const { entries } = await audit.page({ after: 0, limit: 9, latest: false, from: undefined });
    audit.close();
    expect(entries.map(({ code, address, fields }) => [code, address, fields.count])).toEqual([
      ['RATE_LIMITED', '', 10_000],
      ['TOKEN_INVALID', '10.0.0.1', 1],
    ]);
  });

  it('is read in pages from either end, over several files', async () => {
    const dir = written(0);
    const audit = open(dir, { fileBytes: 1500 });
    for (let i = 1; i <= 25; i++) {
      audit.append(note(`srv-${i}`));
      clock.advance(100);
    }
    for (const latest of [false, true]) {
      const seqs: number[] = [];
      for (let from: number | null | undefined; from !== null; ) {
        const page = await audit.page({ after: 5, limit: 7, latest, from: from ?? undefined });
        seqs.push(...page.entries.map(({ seq }) => seq));
        expect(page.total).toBe(20);
        from = page.next;
      }
      const expected = Array.from({ length: 20 }, (_, i) => i + 6);
      expect(seqs).toEqual(latest ? expected.reverse() : expected);
    }
    audit.close();
    expect(files(dir).length).toBeGreaterThan(2);
  });

  it('takes any fields, and what is too long only in a word', async () => {
    const dir = folder();
    const audit = open(dir);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything(), { maxKeys: 5 }), fc.string(), (fields, text) => {
        try {
          JSON.stringify(fields, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
        } catch {
          return;
        }
        audit.append(note(text, fields));
      }),
      { numRuns: 200 },
    );
    audit.append(note('x'.repeat(1000), { text: 'y'.repeat(10_000) }));
    audit.close();
    expect(await verifyAudit(dir)).toMatchObject({ ok: true, problems: [] });
    expect(readFileSync(onlyFile(dir), 'utf8').trimEnd().split('\n').at(-1)?.length).toBeLessThan(800);
  });
});

describe('tampering', () => {
  it('with a word is found', () =>
    check((lines) => lines.map((line, i) => (i === 4 ? line.replace('srv-3', 'srv-9') : line)), /^5: entry 4 has been changed/));
  it('with a member that was slipped in is found', () =>
    check((lines) => lines.map((line, i) => (i === 4 ? line.replace('{', '{"by":"me",') : line)), /^5: entry 4/));
  it('by removing a line is found', () =>
    check((lines) => lines.filter((_, i) => i !== 4), /^5: it has the number 5 where 4 was expected$/));
  it('by swapping lines is found', () =>
    check(
      (lines) => lines.map((line, i) => (i === 4 ? (lines[5] ?? '') : i === 5 ? (lines[4] ?? '') : line)),
      /^5: it has the number 5/,
    ));
  it('by doubling a line is found', () =>
    check((lines) => [...lines.slice(0, 5), ...lines.slice(4)], /^6: it has the number 4 where 5/));
  it('by nonsense is found', () => check((lines) => lines.map((line, i) => (i === 4 ? 'nonsense' : line)), /^5: not an entry/));
  it('with the head of a file is found', () =>
    check(
      (lines) => lines.map((line, i) => (i === 0 ? line.replace('"previous":"0', '"previous":"1') : line)),
      /does not begin the chain/,
    ));

  it('by removing a file in the middle is found', async () => {
    const dir = folder();
    const audit = open(dir, { fileBytes: 1000 });
    for (let i = 0; i < 30; i++) {
      audit.append(note(`srv-${i}`));
      clock.advance(100);
    }
    audit.close();
    rmSync(files(dir)[2] ?? '');
    expect((await verifyAudit(dir)).problems[0]?.what).toMatch(/is missing$/);
  });

  it('by cutting lines off at the end is found by who has written down the last hash', async () => {
    const dir = written(10);
    const { lastSeq, lastHash } = await verifyAudit(dir);
    const anchor = { seq: lastSeq, hash: lastHash };
    expect(await verifyAudit(dir, anchor)).toMatchObject({ ok: true });
    const lines = readFileSync(onlyFile(dir), 'utf8').trimEnd().split('\n');
    writeFileSync(onlyFile(dir), `${lines.slice(0, -2).join('\n')}\n`);
    expect(await verifyAudit(dir)).toMatchObject({ ok: true });
    expect((await verifyAudit(dir, anchor)).problems[0]?.what).toMatch(/entry 10 .* is not there/);
  });

  it('does not stop the log: it goes on and says so', async () => {
    const dir = written(3);
    appendFileSync(onlyFile(dir), 'nonsense\n');
    const audit = open(dir);
    audit.append(note('later'));
    audit.close();
    const { ok, entries, problems } = await verifyAudit(dir);
    expect({ ok, entries, problems: problems.length }).toEqual({ ok: false, entries: 5, problems: 1 });
  });
});
