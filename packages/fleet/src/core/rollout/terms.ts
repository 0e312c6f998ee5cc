/** How a fleet goes from one version of its program to another. Kubernetes' and Agones' words where they have one. */

/** So many, or such a share of the servers that nobody has. */
export type RolloutAmount = number | { readonly share: number };

export interface RolloutTerms {
  /** `RollingUpdate`: the new version comes up beside the old one. `Recreate`: the old one goes first. */
  readonly strategy: 'RollingUpdate' | 'Recreate';
  /** More than there are to be, for the time of the rollout. Shares are rounded up. */
  readonly maxSurge: RolloutAmount;
  /** Fewer ready than there are to be. Shares are rounded down. If both come to 0, this one is 1. */
  readonly maxUnavailable: RolloutAmount;
  /** First so many of the new version, for so long; undefined: no trial. */
  readonly canary: { readonly replicas: RolloutAmount; readonly forMs: number } | undefined;
  /** Back to the former version by itself: at so many failures of servers of the new one, if they are this share of its starts; undefined: never. */
  readonly abort: { readonly failures: number; readonly rate: number } | undefined;
}

export const defaultRolloutTerms: RolloutTerms = {
  strategy: 'RollingUpdate',
  // Agones' defaults.
  maxSurge: { share: 0.25 },
  maxUnavailable: { share: 0.25 },
  canary: undefined,
  // Three of ten: what fails that often will fail on; one that fails now and then is replaced as always.
  abort: { failures: 3, rate: 0.3 },
};

export function surgeOf({ maxSurge }: RolloutTerms, free: number): number {
  return typeof maxSurge === 'number' ? maxSurge : Math.ceil(maxSurge.share * free);
}

export function unavailableOf(terms: RolloutTerms, free: number): number {
  const { maxUnavailable } = terms;
  const most = typeof maxUnavailable === 'number' ? maxUnavailable : Math.floor(maxUnavailable.share * free);
  return most === 0 && surgeOf(terms, free) === 0 ? 1 : most;
}

/** Of a canary; a trial of nobody is none. */
export function amountOf(amount: RolloutAmount, free: number): number {
  return Math.max(1, typeof amount === 'number' ? amount : Math.ceil(amount.share * free));
}
