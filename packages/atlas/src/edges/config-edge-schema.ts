/** The shape of what the configuration says of edges: the block of them all, and the block of a fleet's port. */
import type { MinecraftVersion } from '@horizon-atlas/adapter-minecraft';
import { z } from 'zod';
import { count, told } from '../config-guide.ts';
import { host, path, port } from '../config-values.ts';

/** Those of the front. Its package is loaded by those alone who have one. */
const versions = ['1.16.5', '1.16.4', '1.16.3', '1.16.2'] as const satisfies readonly MinecraftVersion[];

/** Of the front alone, so that `'minecraft'` is all of it by default. */
const frontSchema = z.strictObject({
  /** Whose protocol it understands. */
  game: told(z.literal('minecraft'), "'minecraft'", "'minecraft'"),
  /** The version that players and servers have. */
  version: told(z.enum(versions), `one of '${versions.join("', '")}'`, "'1.16.5'").default('1.16.5'),
  /** Accounts are checked with Mojang; servers behind a front check none. */
  onlineMode: told(z.boolean(), 'true or false', 'false').default(true),
  /** How servers are told who a player is: as BungeeCord does, as Velocity does (`secretFile`), or not at all. */
  forwarding: told(z.enum(['none', 'bungee', 'velocity']), "one of 'none', 'bungee', 'velocity'", "'velocity'").default('none'),
  /** A file with the secret that servers know, too, for `forwarding: 'velocity'`. */
  secretFile: path("'./forwarding.secret'").optional(),
  /** What players see in their list of servers. */
  motd: told(z.string().max(59), 'a text of at most 59 characters', "'My network'").default('Horizon Atlas'),
  /** What players see in their list of servers as the most that come in. */
  playersMax: count(1, 1_000_000, '500').default(1_000),
  /** Fleets that take a player whose server is gone, where no other one of its own fleet does; in this order. */
  fallback: told(z.array(z.string().min(1).max(64)).max(14), 'a list of names of fleets', "['lobby']").default([]),
});
export type FrontWishes = z.output<typeof frontSchema>;

export const edgePortSchema = told(
  z.strictObject({
    /** The public port; one of `edge.ports` when absent. */
    port: told(z.int().min(1).max(65_535), 'a port from 1 to 65535', '27960').optional(),
    /**
     * `any`: the port leads to whichever server of the fleet is up, the one with the fewest players. `token`: the first bytes say to which server; see
     * [Edges](../guides/edges.md#tokens). `own`: each server has a public port of its own. When absent `any` for fleets of one server, `token` for others.
     */
    route: told(z.enum(['any', 'token', 'own']), "one of 'any', 'token', 'own'", "'token'").optional(),
    /**
     * From where the game server sees its players: `loopback`: each address from one of 127.64.0.0/10 of its own (Linux); `proxy-v2`: a PROXY header in front of the stream or of each
     * datagram; `edge`: from the edge. When absent `loopback` where the server listens on this machine's loopback.
     */
    source: told(z.enum(['loopback', 'proxy-v2', 'edge']), "one of 'loopback', 'proxy-v2', 'edge'", "'loopback'").optional(),
    /** TLS ends at the edge, with the certificate of `edge.tls`; tcp and ws only. */
    tls: told(z.boolean(), 'true or false', 'true').default(false),
    /** Who comes while there is no server is held, for `holdMs` at most, and a sleeping one is woken. */
    wake: told(z.boolean(), 'true or false', 'true').default(true),
    /** First bytes of a stranger's first datagram, as hexadecimal; others are dropped. Any will do when empty. */
    accept: told(
      z.array(z.string().regex(/^([0-9a-f]{2}){1,32}$/i)).max(32),
      'a list of first bytes, each 1 to 32 of them as hexadecimal',
      "['ffffffff']",
    ).default([]),
    /** To a peer that has proved nothing yet go at most this many times the bytes that came from it, by UDP. */
    amplification: told(z.number().min(1).max(100), 'a number from 1 to 100', '3').default(1),
    /** UDP: after so much silence of a player the way is closed. */
    idleMs: told(z.int().min(1_000).max(86_400_000), 'milliseconds, a whole number from 1000 to 86400000', '60000').default(
      60_000,
    ),
    /**
     * Who comes while the server sleeps or starts waits so long at most. When absent half a minute, or as long as a server of the fleet may take to start where that is
     * longer.
     */
    holdMs: told(z.int().min(1_000).max(3_600_000), 'milliseconds, a whole number from 1000 to 3600000', '120000').optional(),
    /**
     * What understands the game's protocol, so that players are moved between servers on the connection that they have: see [Edges](../guides/edges.md#a-front-for-minecraft).
     * `'minecraft'`, or `{ game: 'minecraft', version, onlineMode, forwarding, secretFile, motd, playersMax, fallback }`; tcp only.
     */
    front: told(
      z.union([z.literal('minecraft').transform((game) => frontSchema.parse({ game })), frontSchema]),
      "'minecraft', or { game: 'minecraft', … }",
      "{ game: 'minecraft', fallback: ['lobby'] }",
    ).optional(),
    /** UDP: of one player; beyond, they are dropped. A second's worth may come at once. */
    datagramsPerSecond: count(1, 1_000_000, '500').default(500),
  }),
  'how the port is reached from outside',
  "{ port: 27960, route: 'any' }",
);

const tlsSchema = told(
  z.union([z.strictObject({ dev: z.literal(true) }), z.strictObject({ cert: z.string().min(1), key: z.string().min(1) })]),
  'one of { dev: true }, { cert, key } as paths of PEM files',
  "{ cert: './tls/fullchain.pem', key: './tls/key.pem' }",
);

export const edgeSchema = z.strictObject({
  /** The address that the edge listens at; `'0.0.0.0'` for all of the machine's. */
  listen: host.default('127.0.0.1'),
  /** What players are told; `listen` when absent. */
  publicHost: told(z.string().min(1).max(255), 'a name or address', "'play.example.com'").optional(),
  /** Public ports that Atlas picks from. */
  ports: told(
    z
      .strictObject({ first: port.default(28_000), last: port.default(28_999) })
      .refine(({ first, last }) => first > 0 && first <= last),
    'a range of ports, the first and the last',
    '{ first: 28000, last: 28999 }',
  ).prefault({}),
  /** For ports with `tls`. `dev`: the certificate of the gateways, made up on the first start. */
  tls: tlsSchema.default({ dev: true }),
  /** What runs the edge: Bun costs less a datagram, by calling Linux itself; see 0022 of the decisions. An edge with a front (`fleets[].ports[].edge.front`) runs in Node.js. */
  engine: told(z.enum(['auto', 'node', 'bun']), "one of 'auto' (Bun where it is installed), 'node', 'bun'", "'auto'").default(
    'auto',
  ),
  /** How long the edge's thread sleeps to gather datagrams: more players for a core, at that much latency. 0.5 when absent. */
  coalesceMs: told(z.number().min(0).max(50), 'milliseconds from 0 (off) to 50', '1').optional(),
});
