import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Prng } from '@horizon-atlas/base';
import type { Store } from '@horizon-atlas/ports';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore } from '../src/index.ts';

const ROUNDS = 8;
const writer = fileURLToPath(new URL('kill-nine-writer.ts', import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'atlas-kill-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('has every acknowledged transaction, whole, after kill -9 at any moment', async () => {
  const file = join(directory, 'atlas.db');
  const prng = new Prng(9);
  const acknowledged = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const killAfter = 1 + prng.below(150);
    const told = await writeUntilKilled(file, round * 100_000, killAfter);
    expect(told.size).toBeGreaterThanOrEqual(killAfter);
    for (const [n, revision] of told) acknowledged.set(n, revision);
    const store = await openSqliteStore({ file });
    await checkAll(store, acknowledged);
    await store.close();
  }
}, 60_000);

/** The acknowledged transactions with their revisions, up to the kill and those that were on their way. */
function writeUntilKilled(file: string, first: number, killAfter: number): Promise<Map<number, number>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, file, String(first)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += String(data);
    });
    child.stdout.on('data', (data) => {
      output += String(data);
      if (linesOf(output).length >= killAfter) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`the writer ended by itself (${code}): ${errors}`));
      resolve(new Map(linesOf(output).map((line) => line.split(' ').map(Number) as [number, number])));
    });
  });
}

/** Complete lines only: the last one may have been cut by the kill. */
function linesOf(output: string): string[] {
  return output.split('\n').slice(0, -1);
}

async function checkAll(store: Store, acknowledged: ReadonlyMap<number, number>): Promise<void> {
  const left = await byNumber(store, 'left/');
  const right = await byNumber(store, 'right/');
  for (const [n, revision] of acknowledged) expect([n, left.get(n)?.version]).toEqual([n, revision]);
  // Also what was not acknowledged is there whole or not at all.
  expect([...right.keys()]).toEqual([...left.keys()]);
  for (const [n, record] of left) {
    expect(right.get(n)).toEqual(record);
    expect(record.text).toBe(`${n}:${'x'.repeat((n * 977) % 20_000)}`);
  }
  const { records, revision } = await store.list('');
  expect(records.every((record) => record.version <= revision)).toBe(true);
}

async function byNumber(store: Store, prefix: string): Promise<Map<number, { version: number; text: string }>> {
  const { records } = await store.list(prefix);
  return new Map(
    records.map((r) => [Number(r.key.slice(prefix.length)), { version: r.version, text: new TextDecoder().decode(r.value) }]),
  );
}
