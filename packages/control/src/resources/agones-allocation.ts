/** Agones' allocation as it is documented: what agones-allocation.ts reads and writes by hand. */
import { z } from 'zod';

const Texts = z.record(z.string(), z.string());
const Whole = z.union([z.int().min(0), z.string()]).describe('A number, or its digits as text.');
const Meta = z.object({ labels: Texts.optional(), annotations: Texts.optional() });
const Available = { minAvailable: Whole.optional(), maxAvailable: Whole.optional() };

const Selector = z.object({
  matchLabels: Texts.optional().describe('`agones.dev/fleet` is the fleet’s name.'),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  gameServerState: z.enum(['READY', 'ALLOCATED']).optional().describe('READY unless said.'),
  counters: z.record(z.string(), z.object({ minCount: Whole.optional(), maxCount: Whole.optional(), ...Available })).optional(),
  lists: z.record(z.string(), z.object({ containsValue: z.string().optional(), ...Available })).optional(),
});

export const AllocationRequest = z.object({
  gameServerSelectors: z
    .array(Selector)
    .max(32)
    .optional()
    .describe('The first that something matches; without any, whatever is ready.'),
  priorities: z
    .array(
      z.object({
        type: z.enum(['Counter', 'List']),
        key: z.string(),
        order: z.enum(['Ascending', 'Descending']).optional().describe('By what is available.'),
      }),
    )
    .optional(),
  scheduling: z.enum(['Packed', 'Distributed']).optional().describe('Packed unless said.'),
  metadata: Meta.optional().describe('Laid on the game server.'),
  counters: z
    .record(
      z.string(),
      z.object({
        action: z.enum(['Increment', 'Decrement']).optional(),
        amount: Whole.optional().describe('Goes with `action`.'),
        capacity: Whole.optional(),
      }),
    )
    .optional(),
  lists: z
    .record(
      z.string(),
      z.object({
        addValues: z.array(z.string()).optional(),
        deleteValues: z.array(z.string()).optional(),
        capacity: Whole.optional(),
      }),
    )
    .optional(),
  requestId: z.string().max(128).optional().describe('Atlas’ own: the same id is the same request, however often it is sent.'),
  waitMs: z.int().min(0).max(600_000).optional().describe('Atlas’ own: how long it may wait for a server.'),
  leaseSeconds: z.int().min(0).max(3600).optional().describe('Atlas’ own: by when the first player must have come; 0: whenever.'),
  priority: z.int().min(-1000).max(1000).optional().describe('Atlas’ own: who waits with a higher one is served first.'),
  players: z.array(z.string().max(64)).max(1000).optional().describe('Atlas’ own: who is to play.'),
  session: z.unknown().optional().describe('Atlas’ own: JSON for the game server.'),
});

export const AllocatedServer = z.object({
  gameServerName: z.string(),
  ports: z.array(z.object({ name: z.string(), port: z.int() })),
  address: z.string(),
  addresses: z.array(z.object({ type: z.string(), address: z.string() })),
  nodeName: z.string(),
  source: z.string().describe('`local`'),
  metadata: z.object({ labels: Texts, annotations: Texts }),
  counters: z.record(z.string(), z.object({ count: z.string(), capacity: z.string() })).describe('Whole numbers as text.'),
  lists: z.record(z.string(), z.object({ values: z.array(z.string()), capacity: z.string() })),
  requestId: z.string(),
});

export const AllocationRefusal = z.object({
  code: z.int().describe('gRPC’s: 8 where nothing is ready.'),
  message: z.string(),
  details: z.array(z.unknown()),
  reason: z.string().describe('Of docs/reference/errors.md.'),
  etaMs: z.number().nullable().describe('When one may be ready, if that is known.'),
});
