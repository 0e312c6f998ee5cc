/**
 * How a fleet's scaling is written: the `policy` of an Agones FleetAutoscaler as it is, and fields of ours beside it. `expected` and `example` in
 * the schemas are what people are told who wrote something else.
 */
import { z } from 'zod';
import {
  type Amount,
  type LeafPolicy,
  type Period,
  type ScalingPolicy,
  type SchedulePolicy,
  scalingDefaults,
} from './core/policy.ts';
import { cronTrouble } from './schedule.ts';

function told<S extends z.ZodType>(schema: S, expected: string, example: string): S {
  return schema.meta({ expected, example }) as S;
}

const count = (most: number, example: string) => told(z.int().min(0).max(most), `a whole number from 0 to ${most}`, example);
const replicas = count(100_000, '10');
const share = (example: string) => told(z.number().gt(0).lt(1), 'a number between 0 and 1', example);

/** `5`, or `'20%'`: Agones takes 1 to 99 %. */
const amount = told(
  z
    .union([z.int().min(0).max(100_000), z.string().regex(/^([1-9][0-9]?)%$/)])
    .transform(
      (value): Amount =>
        typeof value === 'number' ? { of: 'number', number: value } : { of: 'share', share: Number(value.slice(0, -1)) / 100 },
    ),
  'a whole number, or a share as text, 1% to 99%',
  "'20%'",
);

const ordered = <T extends { minReplicas: number; maxReplicas: number }>(value: T) => value.minReplicas <= value.maxReplicas;

const buffer = told(
  z
    .strictObject({
      /** Ready servers beyond those in use. */
      bufferSize: amount,
      /** Not fewer than this, whatever a share comes to. */
      bufferSizeMin: replicas.default(0),
      minReplicas: replicas.default(0),
      maxReplicas: replicas.default(100_000),
    })
    .refine(ordered),
  'a buffer, with minReplicas not above maxReplicas',
  "{ bufferSize: '20%', minReplicas: 2, maxReplicas: 50 }",
);

const utilization = told(
  z
    .strictObject({
      /** More servers above this share in use, fewer below that. */
      up: share('0.8').default(0.8),
      down: share('0.3').default(0.3),
      minReplicas: replicas.default(1),
      maxReplicas: replicas.default(100_000),
    })
    .refine(ordered)
    .refine(({ up, down }) => down < up),
  'shares with down below up, and minReplicas not above maxReplicas',
  '{ up: 0.8, down: 0.3, maxReplicas: 20 }',
);

const capacity = told(
  z
    .strictObject({
      /** The counter or list, as the fleet declares it. */
      key: told(z.string().min(1).max(256), 'the name of a counter or list of the fleet', "'rooms'"),
      /** Free places over all servers. */
      bufferSize: amount,
      minCapacity: count(1e9, '10').default(0),
      maxCapacity: count(1e9, '1000').default(1e9),
    })
    .refine(({ minCapacity, maxCapacity }) => minCapacity <= maxCapacity),
  'a key and a bufferSize, with minCapacity not above maxCapacity',
  "{ key: 'rooms', bufferSize: 5, maxCapacity: 1000 }",
);

const webhook = told(
  z.strictObject({
    url: told(z.url({ protocol: /^https?$/ }), 'an http or https URL', "'http://127.0.0.1:8000/scale'"),
    /** Beyond it the last good answer holds. */
    timeoutMs: told(z.int().min(10).max(30_000), 'milliseconds from 10 to 30000', '2000').default(
      scalingDefaults.webhookTimeoutMs,
    ),
    /** It is asked after each change, and this often when nothing changes. */
    intervalMs: told(z.int().min(1000).max(3_600_000), 'milliseconds from 1000 to 3600000', '30000').default(
      scalingDefaults.webhookIntervalMs,
    ),
  }),
  'whom to ask',
  "{ url: 'http://127.0.0.1:8000/scale' }",
);

/** What the reasons call an entry of a chain; elsewhere nobody looks at it. */
const id = told(z.string().min(1).max(64), 'a name', "'weekend'").optional();

const leaves = [
  z.strictObject({ id, type: z.literal('Buffer'), buffer }),
  z.strictObject({ id, type: z.literal('Utilization'), utilization }),
  z
    .strictObject({ id, type: z.literal('Counter'), counter: capacity })
    .transform(({ counter, ...rest }) => ({ ...rest, ...counter })),
  z.strictObject({ id, type: z.literal('List'), list: capacity }).transform(({ list, ...rest }) => ({ ...rest, ...list })),
  z.strictObject({ id, type: z.literal('Webhook'), webhook }),
] as const;

const moment = told(
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  'a moment with its time zone',
  "'2026-12-24T18:00:00Z'",
);
const duration = told(
  z
    .string()
    .regex(/^([0-9]+(\.[0-9]+)?(h|m|s))+$/)
    .transform(durationMsOf)
    .refine((ms) => ms > 0),
  'a duration',
  "'2h30m'",
);

const activePeriod = told(
  z
    .strictObject({
      timezone: z.string().max(64).default('UTC'),
      startCron: z.string().max(200).default(''),
      duration: duration.optional(),
    })
    .refine(({ startCron, timezone }) => startCron === '' || cronTrouble(startCron, timezone) === undefined)
    .refine(({ startCron, duration: lasts }) => startCron !== '' || lasts === undefined),
  'a cron expression, a time zone of the IANA database, and how long it lasts',
  "{ startCron: '0 18 * * FRI', timezone: 'Europe/Berlin', duration: '6h' }",
);

const example = "{ type: 'Buffer', buffer: { bufferSize: 2, maxReplicas: 20 } }";

const scheduled = z
  .strictObject({
    id,
    type: z.literal('Schedule'),
    schedule: told(
      z.strictObject({
        between: z.strictObject({ start: moment.optional(), end: moment.optional() }).default({}),
        activePeriod: activePeriod.default({ timezone: 'UTC', startCron: '' }),
        policy: told(z.discriminatedUnion('type', [...leaves]), 'a policy that is neither a schedule nor a chain', example),
      }),
      'when a policy holds, and which',
      "{ activePeriod: { startCron: '0 18 * * FRI', duration: '6h' }, policy: { … } }",
    ),
  })
  .transform(({ schedule: { between, activePeriod: active, policy }, ...rest }) => {
    const period: Period = {
      startMs: between.start ?? 0,
      endMs: between.end ?? Number.MAX_SAFE_INTEGER,
      startCron: active.startCron,
      timezone: active.timezone,
      durationMs: active.duration ?? 0,
    };
    return { ...rest, period, policy };
  });

const chain = told(
  z
    .array(told(z.discriminatedUnion('type', [...leaves, scheduled]), 'a policy that is no chain itself', example))
    .min(1)
    .max(32)
    .transform((entries) =>
      entries.map(({ id: name, ...policy }, i) => ({ id: name ?? String(i + 1), policy: policy as LeafPolicy | SchedulePolicy })),
    ),
  'a list of 1 to 32 policies that are no chains themselves',
  `[${example}]`,
);

export const policyTypes = ['Buffer', 'Utilization', 'Counter', 'List', 'Schedule', 'Chain', 'Webhook'] as const;

/** The `policy` of an Agones FleetAutoscaler, as it stands there. */
export const policySchema = told(
  z
    .discriminatedUnion('type', [...leaves, scheduled, z.strictObject({ type: z.literal('Chain'), chain })])
    .transform((policy): ScalingPolicy => policy),
  `a policy of Agones' FleetAutoscaler, whose type is one of ${policyTypes.join(', ')}`,
  example,
);

/** Beside the policy. */
export const downAfterMsSchema = told(z.int().min(0).max(86_400_000), 'milliseconds from 0 to a day', '300000').default(
  scalingDefaults.downAfterMs,
);
export const downKeepSchema = told(z.number().min(0).max(1), 'a share from 0 to 1', '0.2').default(scalingDefaults.downKeep);

function durationMsOf(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };
  return [...text.matchAll(/([0-9.]+)([hms])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0),
    0,
  );
}
