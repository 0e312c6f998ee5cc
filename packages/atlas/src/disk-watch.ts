/** How much room is left where the world is kept: told when it gets scarce, again when it is nearly gone, and when there is enough again. */
import { statfs } from 'node:fs/promises';
import type { Warning } from '@horizon-atlas/control';
import type { Cancel, Clock, Probe } from '@horizon-atlas/ports';

export interface DiskPolicy {
  /** Below: DISK_LOW. */
  readonly lowBytes: number;
  /** Below: DISK_FULL. */
  readonly fullBytes: number;
  /** A trouble is over at so many times its bound, so that what stays at the bound is told once. */
  readonly overAt: number;
  readonly lookMs: number;
}

export const diskPolicy: DiskPolicy = { lowBytes: 1e9, fullBytes: 100e6, overAt: 1.1, lookMs: 10_000 };

export interface DiskWatchHost {
  readonly clock: Clock;
  readonly probe: () => Probe;
  readonly folder: string;
  readonly policy?: DiskPolicy;
  /** Rejects where it cannot be told. Default: what the file system says. */
  readonly freeBytesOf?: (folder: string) => Promise<number>;
}

const levels = ['ok', 'low', 'full'] as const;

export class DiskWatch {
  readonly #host: DiskWatchHost;
  readonly #policy: DiskPolicy;
  /** Of `levels`. */
  #level = 0;
  #freeBytes = Number.NaN;
  #stopped = false;
  #cancel: Cancel = () => {};

  constructor(host: DiskWatchHost) {
    this.#host = host;
    this.#policy = host.policy ?? diskPolicy;
  }

  /** Resolves when it has been looked at for the first time. */
  async start(): Promise<void> {
    const { folder, freeBytesOf = freeBytesAt } = this.#host;
    // What cannot be told is no trouble of ours; doctor says so.
    const freeBytes = await freeBytesOf(folder).catch(() => Number.NaN);
    if (this.#stopped) return;
    if (!Number.isNaN(freeBytes)) this.#seen(freeBytes);
    const { clock } = this.#host;
    this.#cancel = clock.at(clock.now() + this.#policy.lookMs, () => void this.start());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  get warnings(): readonly Warning[] {
    if (this.#level === 0) return [];
    const { folder } = this.#host;
    const left = `${Math.floor(this.#freeBytes / 1e6)} MB are free where the world is kept (${folder})`;
    return this.#level === 1
      ? [{ code: 'DISK_LOW', message: `only ${left}: make room` }]
      : [{ code: 'DISK_FULL', message: `${left}: make room now, or nothing new can be kept` }];
  }

  #seen(freeBytes: number): void {
    const { folder } = this.#host;
    const probe = this.#host.probe();
    const { overAt } = this.#policy;
    const next = Math.max(this.#levelOf(freeBytes), Math.min(this.#level, this.#levelOf(freeBytes / overAt)));
    this.#freeBytes = freeBytes;
    probe.gauge('atlas_disk_free_bytes', freeBytes);
    if (next === this.#level) return;
    this.#level = next;
    const [{ code, message } = { code: '', message: '' }] = this.warnings;
    probe.event('disk', { level: levels[next], code, message, freeBytes, folder });
  }

  #levelOf(freeBytes: number): number {
    const { lowBytes, fullBytes } = this.#policy;
    return freeBytes < fullBytes ? 2 : freeBytes < lowBytes ? 1 : 0;
  }
}

/** What this user may still write. */
async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
