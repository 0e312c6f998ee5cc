/**
 * Writes for ever, and says on stdout which transactions were acknowledged; the test ends it without warning.
 * Usage: node kill-nine-writer.ts FILE FIRST-NUMBER
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../src/index.ts';

const [file = '', first = '0'] = process.argv.slice(2);
const store = await openSqliteStore({ file });
let next = Number(first);

/** Three records a transaction, of a size that takes several pages, and a chain of conditions. */
async function write(writer: number): Promise<never> {
  for (;;) {
    const n = next++;
    const value = new TextEncoder().encode(`${n}:${'x'.repeat((n * 977) % 20_000)}`);
    const last = await store.get(`last/${writer}`);
    const answer = await store.transact(
      [
        { op: 'put', key: `left/${n}`, value },
        { op: 'put', key: `right/${n}`, value },
        { op: 'put', key: `last/${writer}`, value: new TextEncoder().encode(String(n)) },
      ],
      [{ key: `last/${writer}`, version: last?.version ?? 0 }],
    );
    if (!answer.ok) throw new Error(`transaction ${n} failed: ${answer.code}`);
    writeSync(1, `${n} ${answer.revision}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(write));
