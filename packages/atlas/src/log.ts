/** The log: JSON lines in `logs/atlas.log`, written by pino; cut back to its newer half when it gets too long. */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export const limits = {
  /** Above this the older half of the log is dropped at the next start. */
  logBytes: 16 * 1024 * 1024,
} as const;

/** Lines are on their way to the disk before the call returns, so a crash loses none of them. */
export function openLog(file: string, process: string): Logger {
  cutBack(file);
  return pino(
    { base: { process, pid: globalThis.process.pid }, timestamp: pino.stdTimeFunctions.isoTime, level: 'info' },
    pino.destination({ dest: file, sync: true, mkdir: true, mode: 0o600 }),
  );
}

function cutBack(file: string): void {
  if (!existsSync(file) || statSync(file).size <= limits.logBytes) return;
  const text = readFileSync(file);
  const half = text.subarray(text.length - limits.logBytes / 2);
  const next = `${file}.next`;
  writeFileSync(next, half.subarray(half.indexOf(10) + 1), { mode: 0o600 });
  renameSync(next, file);
}
