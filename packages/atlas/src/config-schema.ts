/**
 * The configuration's shape: each field with its default, what is expected of it in words, and an example. Errors are made of these
 * (see config.ts), and so is nothing else: a rule about a value stands here once.
 */
import { z } from 'zod';
import { fleetSchema } from './config-fleet-schema.ts';
import { count, type Guide, id, ms, told } from './config-guide.ts';
import { matchmakingSchema } from './config-matchmaking.ts';
import { host, oneProgram, path, port, programSchema } from './config-values.ts';
import { edgeSchema } from './edges/config-edge-schema.ts';
import { usualDataDir } from './load-config.ts';

const coordinate = told(z.number().finite().min(-1e9).max(1e9), 'a number from -1e9 to 1e9', '-1000');

const boundsSchema = told(
  z.strictObject({
    minX: coordinate,
    maxX: coordinate,
    minY: coordinate,
    maxY: coordinate,
    /** A flat world says nothing about its height. */
    minZ: coordinate.default(-1e6),
    maxZ: coordinate.default(1e6),
  }),
  'an area with a size: minX < maxX, minY < maxY, minZ < maxZ',
  '{ minX: -1000, maxX: 0, minY: 0, maxY: 1000 }',
);

const regionSchema = told(
  z.strictObject({
    /** What everything else calls it. Once players have been there it should stay. */
    id,
    /** What people read; the id when absent. */
    name: told(z.string().min(1).max(64), 'a text of 1 to 64 characters', "'Solar System Alpha'").optional(),
    /** Regions may touch, and may not overlap: a place has one owner. The lower bound belongs to the region, the upper one does not. */
    bounds: boundsSchema,
  }),
  'a region',
  "{ id: 'alpha', name: 'Solar System Alpha', bounds: { minX: -1000, maxX: 0, minY: 0, maxY: 1000 } }",
);

const worldSchema = told(
  z.strictObject({
    /** The world is what they cover together. Each is played by one server at a time. */
    regions: told(
      z.array(regionSchema).min(1).max(4096),
      'a list of 1 to 4096 regions',
      "[{ id: 'alpha', bounds: { minX: 0, maxX: 1000, minY: 0, maxY: 1000 } }]",
    ),
    /** Where new players begin; the first region when absent. It never sleeps. */
    spawn: told(z.strictObject({ region: id }), 'where new players begin', "{ region: 'alpha' }").optional(),
  }),
  'the world: its regions and where players begin',
  "{ regions: [{ id: 'alpha', bounds: { minX: 0, maxX: 1000, minY: 0, maxY: 1000 } }] }",
);

const regionServerSchema = told(
  z
    .strictObject({
      ...programSchema,
      /** Kept started and empty, so that a recovery need not wait for a process to start. */
      spares: count(0, 16, '1').default(0),
      /** A server that has not said hello by then is ended and started again. */
      startTimeoutMs: ms(100, 600_000, '10000').default(10_000),
    })
    .refine(oneProgram),
  'what runs a region: either entry (a .ts or .js file) or command',
  "{ entry: './region.ts' }",
);

const companionSchema = told(
  z
    .strictObject({
      /** Of its log, and in what is told of it. */
      name: id,
      /** What must be there before it starts; by itself the world, where there is one. */
      waitsFor: told(z.enum(['world', 'matchmaking']), "'world' or 'matchmaking'", "'matchmaking'").optional(),
      ...programSchema,
    })
    .refine(oneProgram),
  'a name, and either entry (a .ts or .js file) or command',
  "{ name: 'bots', entry: './bots.ts', args: ['60'] }",
);

const issuer = told(
  z.url({ protocol: /^https?$/ }).refine(isPrivateWay),
  'the https URL of an identity provider, without its /.well-known part; http only on this machine',
  "'https://login.example.com'",
);
const scopes = told(
  z
    .array(z.enum(['read', 'operate', 'admin']))
    .min(1)
    .max(3),
  "a list of 'read', 'operate' and 'admin'",
  "['read']",
);

const allowSchema = told(
  z.strictObject({
    /** What the identity provider says of a person; with dots, a claim within a claim. */
    claim: told(z.string().min(1).max(200), 'the name of a claim', "'groups'"),
    /** The claim is this, or a list with this in it. An `email` that the provider says it has not verified matches nothing. */
    value: told(z.string().min(1).max(500), 'a text', "'game-operators'"),
    /** What they may do here. `admin` contains `operate`, and that `read`. */
    scopes,
  }),
  'a rule: a claim, its value, and scopes',
  "{ claim: 'groups', value: 'game-operators', scopes: ['operate'] }",
);

const oidcSchema = told(
  z.strictObject({
    /** Its `/.well-known/openid-configuration` tells the rest. It is asked when somebody logs in, not at the start. */
    issuer,
    /** As which Atlas is registered there. */
    clientId: told(z.string().min(1).max(500), 'a text', "'horizon-atlas'"),
    /** Absent for a public client, which PKCE alone protects. */
    clientSecret: told(z.string().min(1).max(1000), 'a text', 'process.env.ATLAS_OIDC_SECRET').optional(),
    /** What is asked of the provider. */
    scopes: told(
      z
        .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))
        .max(32)
        .refine((list) => list.includes('openid')),
      "a list with 'openid' in it",
      "['openid', 'profile', 'email', 'groups']",
    ).default(['openid', 'profile', 'email']),
    /** Who may in; whom no rule is about is refused with SCOPE_MISSING. Of several that match, all count. */
    allow: told(
      z.array(allowSchema).min(1).max(256),
      'a list of 1 to 256 rules',
      "[{ claim: 'groups', value: 'game-operators', scopes: ['operate'] }]",
    ),
    /** As registered at the provider. When absent, `/api/v1/auth/callback` under the name that the browser uses. */
    redirectUrl: told(
      z.url({ protocol: /^https?$/ }).refine((url) => !URL.canParse(url) || new URL(url).pathname === '/api/v1/auth/callback'),
      'the URL of this Atlas with the path /api/v1/auth/callback',
      "'https://atlas.example.com/api/v1/auth/callback'",
    ).optional(),
  }),
  'an identity provider (OpenID Connect), and who may in',
  "{ issuer: 'https://login.example.com', clientId: 'horizon-atlas', clientSecret: process.env.ATLAS_OIDC_SECRET, allow: [{ claim: 'groups', value: 'game-operators', scopes: ['operate'] }] }",
);

const apiAuthSchema = told(
  z.strictObject({
    /** The admin token. Without it one is made at the first start, in the file `admin-token` of the data directory. */
    token: told(
      z
        .string()
        .max(512)
        .regex(/^[\x21-\x7e]{24,}$/),
      'at least 24 characters without spaces',
      'process.env.ATLAS_ADMIN_TOKEN',
    ).optional(),
    /** People log in to the dashboard there; programs go on with the token and API keys. */
    oidc: oidcSchema.optional(),
  }),
  'who may use the API: an admin token, an identity provider',
  '{ token: process.env.ATLAS_ADMIN_TOKEN }',
);

const apiSchema = z.strictObject({
  /** Beyond loopback a token is needed; see `auth`. */
  host: host.default('127.0.0.1'),
  port: port.default(7700),
  /** Names that it is called by, besides localhost: a request that names another one is refused. Beyond loopback any name will do when absent. */
  names: told(z.array(z.string().min(1).max(255)).max(32), 'a list of host names', "['atlas.example.com']").optional(),
  /** On loopback, when absent, everybody on this machine may do everything. */
  auth: apiAuthSchema.optional(),
});

const authSchema = told(
  z.union([
    z.strictObject({ dev: z.literal(true) }),
    z.strictObject({ hs256Secret: z.string().min(32), issuer: z.string().optional(), audience: z.string().optional() }),
    z.strictObject({ jwksUrl: z.url(), issuer: z.string().optional(), audience: z.string().optional() }),
  ]),
  'one of { dev: true }, { hs256Secret } of at least 32 characters, { jwksUrl }',
  "{ jwksUrl: 'https://login.example.com/.well-known/jwks.json' }",
);

const tlsSchema = told(
  z.union([
    z.strictObject({ dev: z.literal(true) }),
    z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }),
    z.strictObject({ off: z.literal(true) }),
  ]),
  'one of { dev: true }, { cert, key } as paths of PEM files, { off: true }',
  "{ cert: './tls/fullchain.pem', key: './tls/key.pem' }",
);

const gatewayLimitsSchema = told(
  z.strictObject({
    /** Of one gateway; further ones are refused with CONNECTIONS_FULL. */
    connections: count(1, 1_000_000, '10000').optional(),
    /** From one address; an IPv6 address counts as its /64. */
    connectionsPerAddress: count(1, 1_000_000, '200').optional(),
    /** New connections from one address; five seconds' worth may come at once. */
    connectsPerSecondPerAddress: count(1, 100_000, '20').optional(),
    /** Of one client; beyond, it is closed with RATE_LIMITED. Ten seconds' worth may come at once. */
    messagesPerSecond: count(1, 100_000, '120').optional(),
    /** Of one message; beyond, MESSAGE_TOO_BIG. */
    messageBytes: count(64, 262_144, '16384').optional(),
  }),
  'limits of a gateway',
  '{ connections: 10_000, messagesPerSecond: 120 }',
);

const plainSchema = told(
  z.union([
    z.literal(false),
    z.strictObject({
      /** The first gateway's; the others count up from it. gateway.port + 1000 when absent. */
      port: port.optional(),
      /** Beside the pages that Atlas itself serves. */
      origins: told(z.array(z.string().min(1)), 'a list of page origins', "['http://localhost:5173']").optional(),
    }),
  ]),
  'false, or { port, origins } of the plain ws: listener for pages of this machine, only with gateway.tls { dev: true } on loopback',
  "{ port: 8777, origins: ['http://localhost:5173'] }",
);

const gatewaySchema = z.strictObject({
  /** The address that gateways listen at; `'0.0.0.0'` for all of the machine's. */
  listen: host.default('127.0.0.1'),
  /** The first gateway's; the others count up from it. */
  port: port.default(7777),
  /** How many gateways there are, each a process with a port of its own. */
  count: count(1, 64, '2').default(1),
  /** `dev`: a certificate made up on the first start. `off`: only behind something that terminates TLS. */
  tls: tlsSchema.default({ dev: true }),
  /** Who may come in: whose tokens are believed. `dev`: tokens signed with a secret of the data directory. */
  auth: authSchema.default({ dev: true }),
  /** In development a page of this machine may speak ws: to it, because browsers refuse the development certificate; see plain-listener.ts. */
  plain: plainSchema.optional(),
  /** Pages that may connect, besides programs, which have no origin; any page when absent. */
  origins: told(z.array(z.string().min(1)), 'a list of page origins', "['https://play.example.com']").optional(),
  /** Of a gateway, and of one address or client at it. */
  limits: gatewayLimitsSchema.default({}),
  /** What runs a gateway: Bun costs less a message and a TLS connection, Node.js less memory while few are there; see 0018 of the decisions. */
  engine: told(
    z.enum(['auto', 'node', 'bun']),
    "one of 'auto' (Bun where it is installed, Node.js in development), 'node', 'bun'",
    "'auto'",
  ).default('auto'),
  /** How long a gateway's thread sleeps to gather messages: more players for a core, at that much latency. 0.5 when absent. */
  coalesceMs: told(z.number().min(0).max(50), 'milliseconds from 0 (off) to 50', '1').optional(),
});

const web = told(
  z.string().min(1),
  'a folder with an index.html, or a script (.ts, .tsx, .js), relative to this file',
  "'./web'",
);
const pageSchema = told(
  z.strictObject({
    /** Of its path: `/play/arena/` of `arena`. */
    name: told(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/), 'a short name of small letters, digits and -', "'arena'"),
    web,
  }),
  'a page: its name and its web client',
  "{ name: 'arena', web: './arena/web' }",
);

const telemetrySchema = told(
  z.strictObject({
    /** Of an OpenTelemetry collector; without it (and without OpenTelemetry's own variables) nothing is traced. */
    otlpUrl: told(
      z.url({ protocol: /^https?$/ }),
      'the URL of an OpenTelemetry collector that takes OTLP over HTTP',
      "'http://127.0.0.1:4318'",
    ).optional(),
    /** Of joins and of handoffs; 0.1 when absent. */
    sampleRatio: told(z.number().min(0).max(1), 'the share of joins and of handoffs that are traced, 0 to 1', '0.1').optional(),
    /** Sent with every export, such as a collector's key. */
    headers: told(z.record(z.string(), z.string()), 'names and texts', "{ authorization: 'Bearer …' }").default({}),
  }),
  'where traces go, and how many',
  "{ otlpUrl: 'http://127.0.0.1:4318', sampleRatio: 0.1 }",
);

export const configSchema = told(
  z.strictObject({
    /** What people read, here and there. */
    name: told(z.string().min(1).max(64), 'a text of 1 to 64 characters', "'Sol'").optional(),
    /** Which release the configuration was written for: what a newer one has and this one does not know is told as that. */
    release: told(z.string().regex(/^\d+\.\d+\.\d+$/), 'the release it was written for, three numbers', "'0.1.0'").optional(),
    /** Where the world, its logs and its keys are kept. See [Operate](../guides/operate.md#the-data-directory). */
    dataDir: path(`'${usualDataDir}'`).default(usualDataDir),
    /** The HTTP API and the dashboard. */
    api: apiSchema.prefault({}),
    /** The doors for players. */
    gateway: gatewaySchema.prefault({}),
    /** The regions, and where players begin. An Atlas of fleets alone has no world, and no gateways. */
    world: worldSchema.optional(),
    /** What plays a region: one process for each that is awake. */
    regionServer: regionServerSchema.optional(),
    /** Game servers that are given away as a whole: match servers, lobbies, dedicated servers. */
    fleets: told(z.array(fleetSchema).max(256), 'a list of fleets', "[{ name: 'arena', entry: './match.ts' }]").default([]),
    /** The ports that Atlas finds for game servers of fleets. */
    serverPorts: told(
      z
        .strictObject({ first: port.default(26_000), last: port.default(27_999) })
        .refine(({ first, last }) => first > 0 && first <= last),
      'a range of ports, the first and the last',
      '{ first: 26000, last: 27999 }',
    ).prefault({}),
    /** The public ports of fleets, and the process that carries their packets. */
    edge: edgeSchema.prefault({}),
    /** Other processes that belong to the world, such as bots: started when players can join, stopped first, started again when they end. */
    companions: told(
      z.array(companionSchema).max(32),
      'a list of companion processes',
      "[{ name: 'bots', entry: './bots.ts' }]",
    ).default([]),
    /** The game's own web client, which Atlas serves at /play/ in development: a folder with an index.html, or one script. */
    web: web.optional(),
    /** Web clients beside it, each at a path of its own below /play/: other games of the same Atlas. */
    pages: told(z.array(pageSchema).max(16), 'a list of pages', "[{ name: 'arena', web: './arena/web' }]").default([]),
    /** A module whose default export has a function for each client event that is listened to. */
    listeners: path("'./listeners.ts'").optional(),
    /** Ticks a second that a region server is asked to run; its own choice when absent. */
    tickHz: told(z.number().min(1).max(128), 'ticks a second from 1 to 128', '30').optional(),
    /** A region without players sleeps after this. */
    sleepAfterMs: ms(0, 86_400_000, '60000').optional(),
    /** Departures from the coordinator's policy; names and defaults are below. */
    handoff: told(
      z.record(z.string(), z.union([z.number().min(0), z.boolean()])),
      'names of the coordinator’s policy, with milliseconds or true and false',
      '{ activateTimeoutMs: 500, warmNeighbours: false }',
    ).default({}),
    /** Queues in which players wait for matches on the servers of a fleet, and lobbies. */
    matchmaking: matchmakingSchema.optional(),
    /** OpenTelemetry traces of joins and handoffs; off unless a collector is named here or by OTEL_EXPORTER_OTLP_ENDPOINT. */
    telemetry: telemetrySchema.prefault({}),
  }),
  'a configuration made by defineAtlas',
  "defineAtlas({ world: { regions: [...] }, regionServer: { entry: './region.ts' } })",
);

/** What a person writes. */
export type AtlasConfigInput = z.input<typeof configSchema>;
/** With every default filled in; paths are still as they were written. */
export type ParsedConfig = z.output<typeof configSchema>;

/** The guide of the deepest schema along `path` that has one, and how far it reaches. */
export function guideAt(path: readonly PropertyKey[]): Guide {
  let schema: z.ZodType | undefined = configSchema;
  let found = schema.meta() as Guide & Record<string, unknown>;
  for (const key of path) {
    schema = childOf(unwrap(schema), key);
    if (!schema) break;
    const meta = guideOf(schema);
    if (meta) found = meta as Guide & Record<string, unknown>;
  }
  return found;
}

/** The names that an object at `path` may have, for "did you mean". */
export function namesAt(path: readonly PropertyKey[]): readonly string[] {
  let schema: z.ZodType | undefined = configSchema;
  for (const key of path) schema = schema && childOf(unwrap(schema), key);
  const inner = schema && unwrap(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** A code or a key that is fetched over plain http is anybody's on the way. */
function isPrivateWay(url: string): boolean {
  // What is no URL at all has been told as that.
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function childOf(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(key)] as z.ZodType | undefined;
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  return undefined;
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}

function guideOf(schema: z.ZodType): Guide | undefined {
  const meta = schema.meta() ?? unwrap(schema).meta();
  return meta && typeof meta.expected === 'string' ? (meta as unknown as Guide) : undefined;
}
