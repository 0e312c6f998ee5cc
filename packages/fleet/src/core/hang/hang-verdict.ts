/**
 * Whether a process that says nothing hangs, or only had no chance to speak: on an overloaded machine whoever is ended for its silence is replaced by a start,
 * which is more load, which silences the next.
 *
 *                  stopped ─────────────────────────────────────────────────▶ hung, for sure
 *   says nothing ─ Atlas itself had no CPU time ─┐
 *      │           it stood in line for a core   ├─▶ more time, up to `graceMs` of silence ──▶ hung, but few at a time
 *      │           it waits for a disk           │
 *      │           no core was ever idle        ─┘
 *      └─────────── it had the CPU time that it wanted, or wanted none ──────▶ hung
 *
 * Each look is at what happened since the one before, so that more time ends with the load. Atlas that is told nothing by its host (`doing: 'unknown'`) takes
 * silence for a hang, but few at a time, too: many that fall silent together have a cause in common.
 */

/** What a process did between two looks at it. NaN: the host does not tell. */
export interface HangSigns {
  readonly overMs: number;
  readonly doing: 'stopped' | 'runnable' | 'blocked' | 'asleep' | 'unknown';
  /** On a core; ready to run, and in line for one; of all its threads. How often one of them got a core. */
  readonly ranMs: number;
  readonly queuedMs: number;
  readonly turns: number;
  /** Of the machine's CPU time, the share that nobody wanted. */
  readonly idleShare: number;
  /** By how much the ticks of Atlas's own clock were late, in all. */
  readonly lateMs: number;
}

export const hangPolicy = {
  /** Between two looks. Shorter, and one that beats four times a second may not have been due. */
  lookMs: 400,
  /** Silence that an overloaded machine may excuse, on top of what is no hang anyway; Agones gives 15 s in all. */
  graceMs: 10_000,
  /** In line for so much of the time: it was not given what it wanted. So for Atlas's own ticks. */
  starvedShare: 0.25,
  /** A machine with less than that had none to give. */
  idleShareMin: 0.05,
  /** Of those that are not hung for sure, so many are given up on within the window: a share of all servers, and at least one. */
  shareAtOnce: 0.1,
  windowMs: 5_000,
} as const;

export type HangVerdict =
  /** `sure`: whatever the machine's state. */
  { readonly hung: true; readonly sure: boolean; readonly why: string } | { readonly hung: false; readonly why: string };

/** @param silentMs since it is suspected */
export function judgeHang(signs: HangSigns, silentMs: number): HangVerdict {
  const { doing, overMs, ranMs, queuedMs, turns, idleShare, lateMs } = signs;
  if (doing === 'stopped') return { hung: true, sure: true, why: 'its process is stopped' };
  const excuse = excuseOf(signs);
  if (excuse === undefined) {
    if (doing === 'unknown') return { hung: true, sure: false, why: '' };
    if (ranMs >= overMs / 2) return { hung: true, sure: true, why: 'it is busy without a pause' };
    const still = doing === 'asleep' && turns === 0 && queuedMs === 0 && lateMs === 0 && idleShare >= hangPolicy.idleShareMin;
    return { hung: true, sure: still, why: '' };
  }
  if (silentMs < hangPolicy.graceMs) return { hung: false, why: excuse };
  return { hung: true, sure: false, why: `for ${Math.round(silentMs / 1000)} s, though ${excuse}` };
}

/** Why its silence proves nothing; undefined: it had what it needs to speak. */
function excuseOf({ doing, overMs, ranMs, queuedMs, turns, idleShare, lateMs }: HangSigns): string | undefined {
  const { starvedShare, idleShareMin } = hangPolicy;
  if (lateMs > 0 && lateMs >= overMs * starvedShare) return 'Atlas itself had too little CPU time to hear it';
  if (doing === 'blocked') return 'it waits for a disk';
  if (queuedMs >= overMs * starvedShare) return 'it had to wait for a core';
  // What it waits for at the moment of the look is counted by the kernel only once it got it.
  if (doing === 'runnable' && ranMs < overMs / 2) return 'it waits for a core';
  if (doing === 'asleep' && turns === 0 && idleShare < idleShareMin) return 'no core was idle';
  return undefined;
}

/** How many of `servers` may be given up on within a window. */
export function hangsAtOnce(servers: number): number {
  return Math.max(1, Math.floor(servers * hangPolicy.shareAtOnce));
}
