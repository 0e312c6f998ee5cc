/** The policies by which a fleet is scaled: Agones' FleetAutoscaler has them with these names and fields, `Utilization` is ours. */

/** So many servers (or so much capacity), or such a share of the whole: `5`, or `'20%'` as `0.2`. */
export type Amount = { readonly of: 'number'; readonly number: number } | { readonly of: 'share'; readonly share: number };

/** Ready servers beyond those in use. A share is of all servers: 20 % of 10 are 2 ready ones and 8 in use. */
export interface BufferPolicy {
  readonly type: 'Buffer';
  readonly buffer: {
    readonly bufferSize: Amount;
    /** At least so many, whatever a share comes to: 20 % of nothing is nothing. */
    readonly bufferSizeMin: number;
    readonly minReplicas: number;
    readonly maxReplicas: number;
  };
}

/** More when more than `up` of the servers are in use, fewer when less than `down` are. */
export interface UtilizationPolicy {
  readonly type: 'Utilization';
  readonly utilization: {
    readonly up: number;
    readonly down: number;
    readonly minReplicas: number;
    readonly maxReplicas: number;
  };
}

/** Free places of a counter, over all servers; or of a list. */
export interface CapacityPolicy {
  readonly type: 'Counter' | 'List';
  readonly key: string;
  readonly bufferSize: Amount;
  readonly minCapacity: number;
  readonly maxCapacity: number;
}

/** Whoever answers says how many. */
export interface WebhookPolicy {
  readonly type: 'Webhook';
  readonly webhook: { readonly url: string; readonly timeoutMs: number; readonly intervalMs: number };
}

export type LeafPolicy = BufferPolicy | UtilizationPolicy | CapacityPolicy | WebhookPolicy;

/** When a policy holds: between two moments, and there from each start of a cron expression on for a while. */
export interface Period {
  /** Unix ms; 0 and 2^53 − 1: no bound. */
  readonly startMs: number;
  readonly endMs: number;
  /** Empty: all the time. */
  readonly startCron: string;
  readonly timezone: string;
  /** 0: until the next start, that is, always. */
  readonly durationMs: number;
}

export interface SchedulePolicy {
  readonly type: 'Schedule';
  readonly period: Period;
  readonly policy: LeafPolicy;
}

/** The first that has something to say. */
export interface ChainPolicy {
  readonly type: 'Chain';
  readonly chain: readonly { readonly id: string; readonly policy: LeafPolicy | SchedulePolicy }[];
}

export type ScalingPolicy = LeafPolicy | SchedulePolicy | ChainPolicy;

export interface ScalingTerms {
  readonly policy: ScalingPolicy;
  /** Fewer are wanted for so long before there are fewer. */
  readonly downAfterMs: number;
  /** One step down leaves at least this share of the servers, rounded up. */
  readonly downKeep: number;
}

export const scalingDefaults = {
  /** Five minutes: as long as Kubernetes' autoscaler of pods looks back; a match that ends is often followed by another. */
  downAfterMs: 300_000,
  /** PlayFab and others leave a fifth. */
  downKeep: 0.2,
  /** Between two asks of a webhook when nothing happens; Agones' own interval. */
  webhookIntervalMs: 30_000,
  webhookTimeoutMs: 2000,
} as const;

/** All webhooks that a policy may ask. */
export function webhooksOf(policy: ScalingPolicy): readonly WebhookPolicy[] {
  switch (policy.type) {
    case 'Webhook':
      return [policy];
    case 'Schedule':
      return webhooksOf(policy.policy);
    case 'Chain':
      return policy.chain.flatMap((entry) => webhooksOf(entry.policy));
    default:
      return [];
  }
}

/** The counters and lists that it looks at. */
export function capacitiesOf(policy: ScalingPolicy): readonly CapacityPolicy[] {
  switch (policy.type) {
    case 'Counter':
    case 'List':
      return [policy];
    case 'Schedule':
      return capacitiesOf(policy.policy);
    case 'Chain':
      return policy.chain.flatMap((entry) => capacitiesOf(entry.policy));
    default:
      return [];
  }
}
