/** When a period of a schedule holds: cron expressions in a time zone, by the library that knows daylight saving. */
import { Cron } from 'croner';
import type { Period, ScalingPolicy } from './core/policy.ts';

/** undefined: it is one. */
export function cronTrouble(expression: string, timezone: string): string | undefined {
  try {
    return new Cron(expression, { timezone, paused: true }).nextRun() ? undefined : 'it never comes';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const crons = new WeakMap<Period, Cron>();

function cronOf(period: Period): Cron {
  let cron = crons.get(period);
  if (!cron) {
    cron = new Cron(period.startCron, { timezone: period.timezone, paused: true });
    crons.set(period, cron);
  }
  return cron;
}

/** The first start after a moment, Unix ms; Infinity: none. */
function startAfter(period: Period, afterMs: number): number {
  return cronOf(period).nextRun(new Date(afterMs))?.getTime() ?? Number.POSITIVE_INFINITY;
}

/** The start that a period runs from now, Unix ms; undefined: it does not hold by its cron. */
function runningSinceMs(period: Period, wallMs: number): number | undefined {
  const { startMs, durationMs } = period;
  // Without a duration it holds from its first start on.
  const sinceMs = durationMs > 0 ? wallMs - durationMs : startMs;
  if (sinceMs <= 0) return sinceMs;
  const start = startAfter(period, sinceMs - (durationMs > 0 ? 0 : 1));
  return start <= wallMs ? start : undefined;
}

export function holds(period: Period, wallMs: number): boolean {
  if (wallMs < period.startMs || wallMs >= period.endMs) return false;
  return period.startCron === '' || runningSinceMs(period, wallMs) !== undefined;
}

/** When it may begin or end next, Unix ms; Infinity: never. */
export function changesAtMs(period: Period, wallMs: number): number {
  const moments = [period.startMs, period.endMs < Number.MAX_SAFE_INTEGER ? period.endMs : Number.POSITIVE_INFINITY];
  if (period.startCron !== '') {
    moments.push(startAfter(period, wallMs));
    const since = runningSinceMs(period, wallMs);
    if (since !== undefined && period.durationMs > 0) moments.push(since + period.durationMs);
  }
  return Math.min(...moments.filter((ms) => ms > wallMs), Number.POSITIVE_INFINITY);
}

export function policyChangesAtMs(policy: ScalingPolicy, wallMs: number): number {
  switch (policy.type) {
    case 'Schedule':
      return changesAtMs(policy.period, wallMs);
    case 'Chain':
      return Math.min(...policy.chain.map((entry) => policyChangesAtMs(entry.policy, wallMs)), Number.POSITIVE_INFINITY);
    default:
      return Number.POSITIVE_INFINITY;
  }
}
