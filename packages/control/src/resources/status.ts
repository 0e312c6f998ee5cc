/** The shape of `GET /api/v1/status` for the API's document; status.ts has it for those who gather it, in words. */
import { z } from 'zod';

const figures = z.object({ p50: z.number(), p90: z.number(), max: z.number() }).nullable();

export const Status = z.object({
  version: z.string(),
  uptimeS: z.number(),
  regions: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      state: z.enum(['asleep', 'starting', 'active']),
      server: z.string().describe('The owner’s id, or empty while nobody owns it.'),
      epoch: z.int(),
      players: z.int(),
    }),
  ),
  servers: z.array(
    z.object({
      id: z.string(),
      region: z.string().describe('The region it was started for, or empty.'),
      state: z.string(),
      pid: z.int(),
      restarts: z.int(),
      players: z.int(),
      entities: z.int(),
      tickHz: z.number().nullable(),
      workMs: figures.describe('Work of a tick over the last second.'),
      cpuS: z.number().nullable().describe('CPU seconds since its start.'),
      memoryBytes: z.number().nullable(),
      code: z.string().describe('Why it is in this state, where that is bad news.'),
    }),
  ),
  gateways: z.array(
    z.object({
      id: z.string(),
      url: z.string(),
      plainUrl: z.string().describe('`ws:` for pages of this machine, in development; empty: there is none.'),
      state: z.string(),
      pid: z.int(),
      connections: z.int(),
      sessions: z.int(),
      messagesIn: z.number(),
      messagesOut: z.number(),
      fenced: z.number().describe('Frames of former owners that were dropped.'),
      cpuS: z.number().nullable(),
      memoryBytes: z.number().nullable(),
    }),
  ),
  players: z.object({ online: z.int() }),
  handoffs: z.object({
    total: z.int(),
    failed: z.int(),
    rolledBack: z.int(),
    lost: z.int().describe('Anything but 0 is a bug in Atlas.'),
    gapMs: z.object({ p50: z.number().nullable(), p99: z.number().nullable(), max: z.number().nullable() }),
  }),
  warnings: z
    .array(z.object({ code: z.string(), message: z.string() }))
    .describe(
      'What is wrong with the machine, and somebody has to mend, such as a disk that fills up (`DISK_LOW`, `DISK_FULL`).',
    ),
});
