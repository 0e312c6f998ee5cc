/** Versions of fleets, and how fleets are scaled, as the API shows them. */
import { z } from 'zod';

const UnixMs = z.number().describe('Milliseconds since 1970.');
const whole = z.int().min(0);
const VersionCounts = z.object({
  ready: whole.describe('Nobody has them.'),
  coming: whole.describe('On their way to Ready.'),
  inUse: whole,
});

export const Rollout = z
  .object({
    fleet: z.string(),
    version: z.string().describe('What new servers run.'),
    previous: z.string().describe('What a rollback goes back to; empty: nothing is known.'),
    phase: z
      .enum(['steady', 'canary', 'rolling'])
      .describe(
        '`canary`: a few of the new version on trial; `rolling`: the former version’s go; `steady`: none of them is free any more.',
      ),
    paused: z.boolean().describe('By an operator: no more of the new version come, and the former version’s stay.'),
    sinceMs: UnixMs.describe('When it began; 0: never.'),
    trialUntilMs: UnixMs.describe('When the trial will have lasted; 0: not yet known.'),
    next: VersionCounts.describe('Servers of the version.'),
    former: VersionCounts.describe('Servers of all others.'),
    started: whole.describe('Servers of the version, since it began.'),
    failed: whole.describe('Of those: crashed, hung, or not ready in time.'),
    why: z.string().describe('Why it went back; empty otherwise.'),
    refused: z.string().describe('The version that was given up by itself; empty: none.'),
    revisions: z
      .array(z.object({ version: z.string(), atMs: UnixMs }))
      .describe('Versions whose program is known, newest first.'),
  })
  .meta({ id: 'Rollout' });
export type Rollout = z.output<typeof Rollout>;

export const FleetChange = z
  .object({
    version: z.string().min(1).max(128).describe('A new one, or a known one to go to.'),
    command: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(256)
      .optional()
      .describe('The program and its arguments; as before if absent.'),
    env: z.record(z.string().min(1).max(256), z.string().max(32_768)).optional().describe('Laid over the environment as before.'),
  })
  .meta({ id: 'FleetChange' });
export type FleetChange = z.output<typeof FleetChange>;

const ScalingDecision = z
  .object({
    atMs: UnixMs,
    from: whole.describe('Servers asked for before.'),
    to: whole.describe('Servers asked for from then on.'),
    wished: whole.describe('What would be asked for, were there no waiting for lower ones.'),
    why: z.string().describe('The reason, in sentences.'),
    downAtMs: UnixMs.describe('Fewer from then on if nothing changes; 0: no.'),
    seen: z.object({
      ready: whole,
      coming: whole,
      inUse: whole,
      waiting: whole.describe('Requests that wait for a server.'),
      takenPerS: z.number().describe('Servers taken a second.'),
      startMs: z.number().describe('What nearly every start took; 0: none was seen.'),
    }),
  })
  .meta({ id: 'ScalingDecision' });

export const Scaling = z
  .object({
    fleet: z.string(),
    policy: z.looseObject({ type: z.string() }).describe('As it was read: amounts as number or share.'),
    downAfterMs: whole,
    downKeep: z.number(),
    now: ScalingDecision.nullable(),
    decisions: z.array(ScalingDecision).describe('That changed the size, newest first; the last 200.'),
    webhooks: z.array(
      z.object({
        url: z.string(),
        replicas: whole.nullable().describe('Its last good answer; null: none, or that the size may stay.'),
        answeredAtMs: UnixMs.describe('0: never.'),
        trouble: z.string(),
      }),
    ),
  })
  .meta({ id: 'Scaling' });
export type Scaling = z.output<typeof Scaling>;
