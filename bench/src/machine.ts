/** The class of machine that figures were taken on. No host names: they say nothing and are nobody's business. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

export interface Machine {
  readonly cores: number;
  /** The processor as it calls itself. */
  readonly cpu: string;
  readonly memoryGb: number;
  readonly node: string;
}

export function machineClass(): Machine {
  const all = cpus();
  const cpu = (all[0]?.model ?? 'unknown')
    .replace(/\((R|TM)\)/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return { cores: all.length, cpu, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.versions.node };
}

/** The commit that is checked out, with `-dirty` when files differ from it; 'unknown' outside of git. */
export function currentCommit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname, stdio: 'pipe' }).trim();
    return git('describe', '--always', '--dirty', '--abbrev=12', '--exclude=*');
  } catch {
    return 'unknown';
  }
}
