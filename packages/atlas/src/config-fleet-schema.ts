/** The shape of a fleet in the configuration. */
import { downAfterMsSchema, downKeepSchema, policySchema } from '@horizon-atlas/autoscaler/configuration';
import { z } from 'zod';
import { count, id, ms, told } from './config-guide.ts';
import { host, programSchema } from './config-values.ts';
import { edgePortSchema } from './edges/config-edge-schema.ts';

/** Names that ids of other processes begin with. */
const takenNames = ['srv', 'gw', 'edge'];
const fleetName = told(
  z
    .string()
    .max(32)
    .regex(/^[a-z0-9][a-z0-9-]*$/)
    .refine((name) => !takenNames.includes(name)),
  "a short name of small letters, digits and -, other than 'srv', 'gw' and 'edge'",
  "'arena'",
);
const names = told(z.record(z.string().min(1).max(256), z.string().max(4096)), 'names and texts', "{ mode: 'duel' }");

const fleetPortSchema = told(
  z.strictObject({
    /** Of its environment variable, too: `ATLAS_PORT_GAME` of `game`. */
    name: told(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), 'a short name of small letters, digits and -', "'game'"),
    protocol: told(z.enum(['udp', 'tcp', 'tcp+udp', 'ws']), "one of 'udp', 'tcp', 'tcp+udp', 'ws'", "'udp'").default('udp'),
    /** Always this one, so that the fleet has at most one server. When absent Atlas finds a free one of `serverPorts`. */
    port: told(z.int().min(1).max(65_535), 'a port from 1 to 65535', '27960').optional(),
    /** How players reach it from outside, through the edge; only from this machine when absent. */
    edge: edgePortSchema.optional(),
  }),
  'a port: its name and protocol',
  "{ name: 'game', protocol: 'udp' }",
);

const scalingSchema = told(
  z
    .strictObject({
      /** At least so many servers, in use or not. */
      min: count(0, 100_000, '1').default(0),
      /** At most so many; beyond, requests wait, or are refused with ALLOCATION_NONE_READY. */
      max: count(1, 100_000, '20').default(20),
      /** Kept ready beyond those in use, so that nobody waits for a start: a Buffer of this size, where no policy is given. */
      warm: count(0, 10_000, '1').default(1),
      /** The policy of an Agones FleetAutoscaler, in place of `warm`: Buffer, Counter, List, Schedule, Chain, Webhook; or Utilization. */
      policy: policySchema.optional(),
      /** Fewer are wanted for so long before there are fewer: matches that come and go start and stop no servers. */
      downAfterMs: downAfterMsSchema,
      /** One step down leaves at least this share of the servers. */
      downKeep: downKeepSchema,
    })
    .refine(({ min, max }) => min <= max),
  'how many servers: min, max and warm ones, with min ≤ max',
  '{ min: 1, max: 20, warm: 1 }',
);

const rolloutAmount = (most: string) =>
  told(
    z.union([
      z.int().min(0).max(100_000),
      z
        .string()
        .regex(/^([0-9]{1,2}|100)%$/)
        .transform((text) => ({ share: Number(text.slice(0, -1)) / 100 })),
    ]),
    'a whole number, or a share as text, 0% to 100%',
    most,
  );

const rolloutSchema = told(
  z.strictObject({
    /** RollingUpdate: the new version comes up beside the old one. Recreate: the old one goes first. */
    strategy: told(z.enum(['RollingUpdate', 'Recreate']), "'RollingUpdate' or 'Recreate'", "'Recreate'").default('RollingUpdate'),
    /** More free servers than there are to be, for the time of the rollout; shares are of the free ones. */
    maxSurge: rolloutAmount("'25%'").prefault('25%'),
    /** Fewer ready than there are to be. */
    maxUnavailable: rolloutAmount("'25%'").prefault('25%'),
    /** First so many of the new version, for so long. */
    canary: told(
      z.strictObject({
        replicas: rolloutAmount('1').prefault(1),
        forMs: ms(0, 604_800_000, '60000').default(60_000),
      }),
      'a trial: how many servers, and for how long',
      '{ replicas: 1, forMs: 60_000 }',
    ).optional(),
    /** Back to the former version by itself: at so many failures, if they are this share of the starts. */
    abort: told(
      z.union([
        z.literal(false),
        z.strictObject({
          failures: count(1, 10_000, '3').default(3),
          rate: told(z.number().min(0).max(1), 'a share from 0 to 1', '0.3').default(0.3),
        }),
      ]),
      'failures and their share, or false',
      '{ failures: 3, rate: 0.3 }',
    ).prefault({}),
  }),
  'how a new version takes the place of the former one',
  "{ maxSurge: '25%', maxUnavailable: 0, canary: { replicas: 1, forMs: 60_000 } }",
);

export const fleetSchema = told(
  z
    .strictObject({
      /** What it is called in requests; ids of its servers begin with it. */
      name: fleetName,
      ...programSchema,
      /** A server that knows nothing of Atlas: a game definition's file, or the name of one that Atlas brings along. See [Game definitions](game-definitions.md). */
      game: told(z.string().min(1).max(1000), "a game definition's path, or a name that Atlas knows", "'bzflag'").optional(),
      /** Values of the game definition's variables. */
      vars: told(
        z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
        'variables of the game and their values',
        '{ maxPlayers: 8 }',
      ).default({}),
      /** Of a game: instead of what its definition says. */
      sleep: told(
        z.strictObject({
          how: told(z.enum(['stop', 'freeze', 'never']), "one of 'stop', 'freeze', 'never'", "'freeze'"),
          afterMs: ms(1000, 604_800_000, '300000').optional(),
        }),
        'how its servers sleep when nobody plays, and after how long',
        "{ how: 'freeze', afterMs: 300_000 }",
      ).optional(),
      /** Of the program. After a change, servers of the former one are replaced by a rollout. Absent: made of the command, its environment and ports, and of the entry file. */
      version: told(z.string().min(1).max(128), 'a text of 1 to 128 characters', "'1.4.2'").optional(),
      /** How servers of a former version are replaced. */
      rollout: rolloutSchema.prefault({}),
      /** Its servers may speak Agones’ SDK: they find it by AGONES_SDK_GRPC_PORT and AGONES_SDK_HTTP_PORT. */
      agones: told(z.boolean(), 'true or false', 'false').default(true),
      /** Where its servers listen. */
      host: host.default('127.0.0.1'),
      /** Ports that Atlas finds for each server. */
      ports: told(z.array(fleetPortSchema).max(16), 'a list of ports', "[{ name: 'game', protocol: 'udp' }]").default([]),
      /** When absent: min 0, max 20, warm 1; of a game min 1, max 1. */
      scaling: scalingSchema.optional(),
      /** Where its servers may be: names that matches are made for. On one machine all of them are this machine. */
      sites: told(z.array(id).min(1).max(64), 'a list of names', "['local']").default(['local']),
      /** What requests may select servers by. */
      labels: names.default({}),
      annotations: names.default({}),
      /** What its servers count. */
      counters: told(
        z.record(
          z.string().min(1).max(256),
          z.strictObject({ count: count(0, 2 ** 31, '0').default(0), capacity: count(0, 2 ** 31, '10') }),
        ),
        'names and capacities',
        '{ rooms: { capacity: 10 } }',
      ).default({}),
      lists: told(
        z.record(z.string().min(1).max(256), z.strictObject({ capacity: count(0, 1000, '100') })),
        'names and capacities',
        '{ players: { capacity: 100 } }',
      ).default({}),
      /** More than one: matches share a server, which counts them in `sessions`. */
      sessionsPerServer: count(1, 10_000, '1').default(1),
      /** Once its sessions are over: a new process for each, or the same one again. */
      afterSession: told(z.enum(['recycle', 'reuse']), "'recycle' or 'reuse'", "'recycle'").default('recycle'),
      /** From the start of a process to its word of being ready. */
      startTimeoutMs: ms(100, 3_600_000, '30000').default(30_000),
      /** From SIGTERM to SIGKILL. */
      stopGraceMs: ms(0, 3_600_000, '10000').default(10_000),
      /** Between its word of being ready and its being given away. */
      warmUpMs: ms(0, 3_600_000, '0').default(0),
      /** Between the end of a session and the next, or the end of the process. */
      coolDownMs: ms(0, 3_600_000, '0').default(0),
      /** Older ones are replaced: a new one starts at nine tenths of it, and the old one ends when nobody has it. 0: never. */
      maxLifetimeMs: ms(0, 31_536_000_000, '86400000').default(0),
      /** Of servers that say that they are well (Agones' Health): so many periods of silence are a hang. */
      health: told(
        z.strictObject({ periodMs: ms(100, 600_000, '5000').default(5_000), failures: count(1, 100, '3').default(3) }),
        'a period and how many may be missed',
        '{ periodMs: 5000, failures: 3 }',
      ).prefault({}),
      /** What an hour of a core and of a GiB cost, for estimates. */
      price: told(
        z.strictObject({
          currency: told(z.string().min(1).max(8), 'a currency', "'USD'").default('USD'),
          corePerHour: told(z.number().min(0).max(1000), 'a price', '0.035'),
          gibPerHour: told(z.number().min(0).max(1000), 'a price', '0.004'),
        }),
        'what an hour of a core and of a GiB of memory cost',
        "{ currency: 'USD', corePerHour: 0.035, gibPerHour: 0.004 }",
      ).optional(),
    })
    .refine(({ entry, command, game }) => [entry, command, game].filter((each) => each !== undefined).length === 1),
  'a fleet: its name, and one of entry (a .ts or .js file), command, game',
  "{ name: 'arena', entry: './match.ts', ports: [{ name: 'game' }] }",
);
