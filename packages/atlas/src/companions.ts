/**
 * Processes that belong to an Atlas beside its servers, such as bots: each started when that is there which it waits for, started again when
 * they end, all stopped first. They outlive the control plane as game servers do, and a new one finds them running.
 */
import type { Cancel, Clock, Entropy, Probe, Runner } from '@horizon-atlas/ports';
import { type BackoffPolicy, backoff } from '@horizon-atlas/runtime';
import type { AtlasConfig, Program } from './config.ts';

/** What must be there before a companion starts: the door of the world, or also everything that matches need. */
export type WaitsFor = AtlasConfig['companions'][number]['waitsFor'];

export interface Companion extends Program {
  readonly name: string;
  readonly waitsFor: WaitsFor;
  readonly logFile: string;
}

export interface Companions {
  /** Those who waited for this. Resolves with whether any was started, not found. */
  start(there: WaitsFor): Promise<boolean>;
  /** Resolves when all of them are gone. */
  stop(): Promise<void>;
}

export const policy = {
  backoff: { firstMs: 500, maxMs: 30_000, factor: 2, jitter: 0.2 } satisfies BackoffPolicy,
  /** Having run for so long, the next end counts as the first. */
  steadyMs: 30_000,
  stopGraceMs: 2_000,
} as const;

interface Life {
  readonly companion: Companion;
  startedAtMs: number;
  failures: number;
  cancel: Cancel;
}

export function makeCompanions(
  { runner, clock, entropy, probe }: { runner: Runner; clock: Clock; entropy: Entropy; probe: Probe },
  companions: readonly Companion[],
): Companions {
  const lives = new Map<string, Life>();
  const waitAfter = backoff(policy.backoff);
  let stopped = false;
  let unwatch: Cancel | undefined;

  const start = async (life: Life) => {
    const { name, argv, cwd, env, logFile } = life.companion;
    life.startedAtMs = clock.now();
    const report = await runner.start({ id: name, argv, cwd, env, logFile });
    // How it failed is told to all who watch, us among them.
    if (report.kind === 'started') probe.event('companion_started', { name, pid: report.pid });
  };

  const ended = (life: Life, how: string) => {
    if (stopped) return;
    life.failures = clock.now() - life.startedAtMs >= policy.steadyMs ? 1 : life.failures + 1;
    const againInMs = Math.round(waitAfter(life.failures, entropy));
    probe.event('companion_ended', { name: life.companion.name, how, againInMs });
    life.cancel();
    life.cancel = clock.at(clock.now() + againInMs, () => void start(life));
  };

  return {
    async start(there) {
      // Asked to stop before there was anything to start.
      if (stopped) return false;
      unwatch ??= runner.watch((report) => {
        const life = lives.get(report.id);
        if (!life || report.kind === 'started') return;
        ended(life, report.kind === 'failed' ? report.message : (report.signal ?? `exit code ${report.exitCode ?? 'unknown'}`));
      });
      const running = new Set((await runner.list()).map(({ id }) => id));
      const wanted = new Set(companions.map(({ name }) => name));
      // A former configuration's.
      await Promise.all([...running].filter((id) => !wanted.has(id)).map((id) => runner.stop(id, policy.stopGraceMs)));
      for (const companion of companions.filter(({ waitsFor }) => waitsFor === there)) {
        const life: Life = { companion, startedAtMs: clock.now(), failures: 0, cancel: () => {} };
        lives.set(companion.name, life);
        if (!running.has(companion.name)) await start(life);
      }
      return companions.some(({ name, waitsFor }) => waitsFor === there && !running.has(name));
    },
    async stop() {
      stopped = true;
      unwatch?.();
      for (const { cancel } of lives.values()) cancel();
      const running = await runner.list();
      await Promise.all(running.map(({ id }) => runner.stop(id, policy.stopGraceMs)));
    },
  };
}
