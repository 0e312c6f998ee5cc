/**
 * By what a fleet is scaled. Every one is scaled by the autoscaler: by the policy of its configuration, else by a buffer of `warm` ready servers; as a mode, by how
 * many are in use. So what holds on the way down, and the floor, are the same for all.
 */
import type { ScalingPolicy, ScalingTerms } from '@horizon-atlas/autoscaler/configuration';
import type { FleetView, ModeScaling } from '@horizon-atlas/protocol';
import type { FleetConfig } from './config.ts';

/** One server for so many expected players; more of them above a use of 0.8, fewer below 0.3. The fifth that is free at 0.8 is a mode's warm pool. */
export const modePolicy = { playersPerServer: 50, min: 1, up: 0.8, down: 0.3 } as const;

/** @param sites of its fleet's; none: all of them */
export function modeOf(expectedPlayers: number, sites: readonly string[]): ModeScaling {
  const { playersPerServer, min, up, down } = modePolicy;
  return { expectedPlayers, min, max: Math.max(min, Math.ceil(expectedPlayers / playersPerServer)), up, down, sites };
}

export function termsOf({ scaling }: Pick<FleetConfig, 'scaling'>, mode: ModeScaling | undefined): ScalingTerms {
  const { policy, warm, downAfterMs, downKeep } = scaling;
  return { policy: mode ? byUse(mode) : (policy ?? buffer(warm)), downAfterMs, downKeep };
}

/** How many are kept ready beyond those in use, where that is how its size is found; null: it is not. */
export function warmOf({ held }: Pick<FleetView, 'held'>, { policy }: ScalingTerms): number | null {
  if (held !== undefined || policy.type !== 'Buffer') return null;
  const { bufferSize, bufferSizeMin } = policy.buffer;
  return bufferSize.of === 'number' ? Math.max(bufferSize.number, bufferSizeMin) : null;
}

function buffer(warm: number): ScalingPolicy {
  const size = { of: 'number', number: warm } as const;
  return {
    type: 'Buffer',
    buffer: { bufferSize: size, bufferSizeMin: 0, minReplicas: 0, maxReplicas: Number.POSITIVE_INFINITY },
  };
}

function byUse({ min, max, up, down }: ModeScaling): ScalingPolicy {
  return { type: 'Utilization', utilization: { up, down, minReplicas: min, maxReplicas: max } };
}
