/** Game definitions as the API shows them: what a game needs and how Atlas speaks for its servers, with every default filled in and no secret. */
import { z } from 'zod';

const Ms = z.number().describe('Milliseconds.');

const GamePort = z.object({
  name: z.string(),
  protocol: z.enum(['udp', 'tcp', 'tcp+udp', 'ws']),
  role: z.enum(['game', 'query', 'admin', 'voice']),
  port: z.int().nullable().describe('What the game’s own clients assume; null: any.'),
  offset: z.object({ of: z.string(), add: z.int() }).nullable().describe('Always that far from another port.'),
});

const GameVariable = z.object({
  name: z.string(),
  type: z.enum(['string', 'integer', 'number', 'boolean']),
  description: z.string(),
  default: z.union([z.string(), z.number(), z.boolean()]).nullable().describe('null: none, or a secret’s.'),
  enum: z.array(z.union([z.string(), z.number()])),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  secret: z.boolean(),
});

export const Game = z.object({
  id: z.string().describe('What a fleet calls it.'),
  name: z.string(),
  about: z.string(),
  shipped: z.boolean().describe('It comes with Atlas.'),
  file: z.string().describe('Of one’s own: relative to the configuration.'),
  fleets: z.array(z.string()).describe('That run it.'),
  install: z.record(z.string(), z.string()).describe('How its program is installed, by system.'),
  command: z
    .array(z.string())
    .describe('Program and arguments with placeholders; those that stand there at times only are in brackets.'),
  user: z.string().describe('As whom it runs; empty: Atlas’s own user.'),
  ports: z.array(GamePort),
  ready: z.object({
    of: z.enum(['any', 'all']).describe('With `any`, its game ports are to be bound besides, where that can be looked at.'),
    conditions: z.array(z.object({ kind: z.enum(['log', 'bound', 'query']), what: z.string() })),
    withinMs: Ms.describe('A server that is not ready by then is ended.'),
  }),
  query: z.object({ type: z.string(), port: z.string(), everyMs: Ms, timeoutMs: Ms }).nullable(),
  players: z.object({
    countedBy: z.array(z.enum(['log', 'query'])).describe('Empty: by the edge alone, or nobody.'),
    capacity: z.union([z.int(), z.string()]).nullable().describe('A number, or the variable that says it.'),
  }),
  health: z.object({
    failures: z.int().describe('So many unanswered queries in a row are a hang; 0: queries tell nothing of its health.'),
    silenceMs: Ms.nullable(),
    log: z.string().describe('A line by which it says that it is lost; empty: none.'),
    graceMs: Ms,
  }),
  console: z.boolean().describe('It reads what is typed.'),
  stop: z
    .array(z.object({ kind: z.enum(['write', 'signal']), what: z.string(), waitMs: Ms }))
    .describe('In this order; then it is killed.'),
  sleep: z
    .object({ how: z.enum(['stop', 'freeze', 'never']), afterMs: Ms })
    .nullable()
    .describe('null: it never does.'),
  realIp: z.enum(['loopback', 'proxy-v2', 'velocity', 'bungee', 'none']).describe('How it learns where players are.'),
  switch: z.enum(['in-place', 'reconnect', 'none']).describe('How players are moved to another server.'),
  saves: z.object({ paths: z.array(z.string()), write: z.string(), keep: z.int() }).nullable(),
  limits: z.object({ cpus: z.number().nullable(), memoryMb: z.int().nullable(), processes: z.int().nullable(), logMb: z.int() }),
  variables: z.array(GameVariable),
  files: z.array(z.object({ path: z.string(), when: z.enum(['always', 'missing']) })),
});
export type Game = z.output<typeof Game>;
