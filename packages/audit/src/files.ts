/** The log's files: `audit-<seq of the first entry>.jsonl`, in the order of the chain. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface LogFile {
  readonly path: string;
  readonly name: string;
  readonly firstSeq: number;
}

export function filesIn(dir: string): readonly LogFile[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const seq = /^audit-(\d{12,15})\.jsonl$/.exec(name)?.[1];
      return seq === undefined ? [] : [{ path: join(dir, name), name, firstSeq: Number(seq) }];
    })
    .sort((a, b) => a.firstSeq - b.firstSeq);
}

export function fileName(firstSeq: number): string {
  return `audit-${String(firstSeq).padStart(12, '0')}.jsonl`;
}
