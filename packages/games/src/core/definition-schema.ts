/**
 * The shape of a game definition: each field with what is expected of it in words and an example, of which errors are made (definition.ts). A rule
 * about one value stands here once; rules between fields stand in definition-rules.ts.
 */
import { stopSignals } from '@horizon-atlas/ports';
import { z } from 'zod';
import { patternComplaint } from './log-pattern.ts';

/** Beside a schema: what a person should have written there. */
export interface Guide {
  readonly expected: string;
  readonly example: string;
}

function told<S extends z.ZodType>(schema: S, expected: string, example: string): S {
  return schema.meta({ expected, example } satisfies Guide) as S;
}

const text = (max: number, example: string) => told(z.string().min(1).max(max), `a text of 1 to ${max} characters`, example);
const ms = (least: number, most: number, example: string) =>
  told(z.int().min(least).max(most), `milliseconds, a whole number from ${least} to ${most}`, example);
const name = (example: string) =>
  told(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/), 'a name of letters, digits and _, beginning with a letter', example);
const count = (least: number, most: number, example: string) =>
  told(z.int().min(least).max(most), `a whole number from ${least} to ${most}`, example);

/** A regular expression for whole lines of the log. Anchored, since otherwise whoever chats could write a line that matches. */
const pattern = (example: string) =>
  told(
    z
      .string()
      .min(2)
      .max(500)
      .refine((source) => patternComplaint(source) === undefined),
    'a regular expression that begins with ^, so that nobody can chat a line that matches; without nested repetitions such as (a+)+',
    example,
  );

const variableSchema = told(
  z.strictObject({
    type: told(z.enum(['string', 'integer', 'number', 'boolean']), "one of 'string', 'integer', 'number', 'boolean'", 'integer'),
    description: text(500, 'How many may play').optional(),
    default: told(z.union([z.string(), z.number(), z.boolean()]), 'a value of the type', '16').optional(),
    enum: told(
      z
        .array(z.union([z.string(), z.number()]))
        .min(1)
        .max(200),
      'a list of the values that it may have',
      '[ctf, ffa]',
    ).optional(),
    minimum: told(z.number(), 'a number', '1').optional(),
    maximum: told(z.number(), 'a number', '200').optional(),
    minLength: count(0, 10_000, '1').optional(),
    maxLength: count(0, 10_000, '64').optional(),
    /** Of the whole value; a regular expression as in JSON Schema. */
    pattern: told(
      z
        .string()
        .max(500)
        .refine((source) => isRegExp(source)),
      'a regular expression',
      '^[a-z]+$',
    ).optional(),
    /** It stands in no argument, since every user of a machine can read those, and in no log that Atlas shows. */
    secret: told(z.boolean(), 'true or false', 'true').optional(),
    /** Of a secret without a value: one of so many letters is made up, once, and kept in the server's folder. */
    generate: told(z.int().min(8).max(128), 'so many letters, a whole number from 8 to 128', '24').optional(),
  }),
  'a variable: its type, and perhaps default, enum, minimum, maximum, pattern, secret',
  '{ type: integer, minimum: 1, maximum: 200, default: 16 }',
);

export const portSchema = told(
  z.strictObject({
    protocol: told(
      z.enum(['udp', 'tcp', 'tcp+udp', 'ws']),
      "one of 'udp', 'tcp', 'tcp+udp' (both on one number), 'ws'",
      'tcp+udp',
    ),
    /** What it is there for: `game` is what players reach by the edge. */
    role: told(z.enum(['game', 'query', 'admin', 'voice']), "one of 'game', 'query', 'admin', 'voice'", 'query').default('game'),
    /** What the game's own clients assume, and `atlas server add` makes public. The server itself listens on any free one: give it `{{port.NAME}}`. */
    port: count(1, 65_535, '5154').optional(),
    /** Always that far from another port: a query port that the server derives itself. */
    offset: told(
      z.strictObject({ of: name('game'), add: told(z.int().min(-1000).max(1000), 'a whole number', '1') }),
      'a port of this definition, and how far from it',
      '{ of: game, add: 1 }',
    ).optional(),
    /** Whether the server is known to listen by what the system says of its sockets. */
    check: told(z.boolean(), 'true or false', 'false').default(true),
  }),
  'a port: its protocol, and perhaps role, port, offset',
  '{ protocol: tcp+udp, port: 5154 }',
);

const conditionSchema = told(
  z.union([
    z.strictObject({ log: pattern("'^Server is up'") }),
    z.strictObject({ bound: name('game') }),
    z.strictObject({ query: z.literal(true) }),
  ]),
  'one of { log: a pattern }, { bound: a port’s name }, { query: true }',
  "{ log: '^Server is up' }",
);
const conditions = told(z.array(conditionSchema).min(1).max(16), 'a list of 1 to 16 conditions', '[{ bound: game }]');

const readySchema = told(
  z
    .strictObject({
      any: conditions.optional(),
      all: conditions.optional(),
      /** A server that is not ready by then is ended, and counts as failed. */
      withinMs: ms(500, 3_600_000, '30000').default(60_000),
    })
    .refine(({ any, all }) => any === undefined || all === undefined),
  'when it can be played: either any or all of some conditions, and withinMs',
  '{ all: [{ bound: game }], withinMs: 30000 }',
);

const querySchema = told(
  z.strictObject({
    /** A kind of the adapter: one of its own probes, or `gamedig:` and a game's name there. */
    type: text(80, 'bzflag'),
    port: name('game').default('game'),
    everyMs: ms(250, 600_000, '2000').default(5_000),
    timeoutMs: ms(100, 30_000, '1000').default(2_000),
  }),
  'how it is asked: the type of query, and perhaps port, everyMs, timeoutMs',
  '{ type: bzflag, everyMs: 2000 }',
);

const playersSchema = told(
  z.strictObject({
    /** Of the most that may play: a number, or a variable's name. */
    capacity: told(
      z.union([z.int().min(0).max(1_000_000), z.string()]),
      'a number, or the name of a variable',
      'maxPlayers',
    ).optional(),
    /** Each with the group `(?<player>…)`; `(?<key>…)` where names are not unique. */
    join: pattern("'^(?<player>\\S+) joins game'").optional(),
    leave: pattern("'^(?<player>\\S+) leaves game'").optional(),
    /** A line that names everybody: the group `(?<players>…)`, and what stands between the names. */
    list: pattern("'^List of players: (?<players>.*)$'").optional(),
    separator: text(8, "', '").default(' '),
    /** Lines that are players' own words: nothing else is read in them. */
    ignore: told(z.array(pattern("'^<[^>]+> '")).max(16), 'a list of patterns', "['^<[^>]+> ']").default([]),
  }),
  'how players are counted: patterns join and leave, or list; capacity',
  "{ join: '^(?<player>\\S+) joins game', leave: '^(?<player>\\S+) leaves game' }",
);

const healthSchema = told(
  z.strictObject({
    /** So many queries in a row without an answer are a hang; 0: queries tell nothing of its health. */
    failures: count(0, 100, '3').default(3),
    /** A server that prints regularly, and has printed nothing for so long, hangs. */
    silenceMs: ms(1000, 86_400_000, '60000').optional(),
    /** A line by which it says itself that it is lost. */
    log: pattern("'^Fatal error: '").optional(),
    /** From its being ready, in which nothing is a hang. */
    graceMs: ms(0, 3_600_000, '10000').default(10_000),
  }),
  'when it hangs: failures (of queries), silenceMs, log',
  '{ failures: 3 }',
);

const stopStepSchema = told(
  z.union([
    z.strictObject({
      /** Typed at its console. */
      write: text(1000, 'quit'),
      waitMs: ms(0, 600_000, '10000').default(10_000),
    }),
    z.strictObject({
      signal: told(z.enum(stopSignals), `one of ${stopSignals.join(', ')}`, 'SIGINT'),
      waitMs: ms(0, 600_000, '10000').default(10_000),
    }),
  ]),
  'one of { write: text }, { signal: name }, and perhaps waitMs',
  '{ write: quit, waitMs: 10000 }',
);

const sleepSchema = told(
  z.strictObject({
    /** `stop`: its process ends, and the next start loads what it saved. `freeze`: it stands still and keeps its memory; it wakes within milliseconds. */
    how: told(z.enum(['stop', 'freeze', 'never']), "one of 'stop', 'freeze', 'never'", 'freeze'),
    afterMs: ms(1000, 604_800_000, '300000').default(300_000),
  }),
  'how it sleeps when nobody plays, and after how long',
  '{ how: freeze, afterMs: 300000 }',
);

const fileSchema = told(
  z.strictObject({
    /** Below the server's folder. */
    path: told(
      z
        .string()
        .min(1)
        .max(300)
        .refine((path) => !path.startsWith('/') && !path.split('/').includes('..')),
      "a path below the server's folder",
      'server.cfg',
    ),
    /** With `{{placeholders}}`. */
    text: told(z.string().max(256 * 1024), 'a text', 'max_players = {{maxPlayers}}'),
    /** `missing`: only where there is none yet, because the server writes it, too. */
    when: told(z.enum(['always', 'missing']), "one of 'always', 'missing'", 'missing').default('always'),
  }),
  'a file: path and text',
  '{ path: server.cfg, text: "max_players = {{maxPlayers}}" }',
);

const savesSchema = told(
  z.strictObject({
    /** What a backup consists of. */
    paths: told(z.array(z.string().min(1).max(300)).min(1).max(64), 'a list of paths below the server’s folder', '[world]'),
    /** Typed at its console before a backup, and the line that says that it is done. */
    write: text(1000, 'save').optional(),
    done: pattern("'^Saved the world'").optional(),
    waitMs: ms(0, 600_000, '10000').default(10_000),
    /** How many backups are kept. */
    keep: count(1, 1000, '5').default(5),
  }),
  'what is worth keeping: paths, and perhaps the command that saves',
  '{ paths: [world], write: save }',
);

const limitsSchema = told(
  z.strictObject({
    /** Held by the kernel where Atlas may make control groups; `atlas doctor` says whether it may here, and the server's view what is held. */
    cpus: told(z.number().min(0.05).max(1024), 'cores, from 0.05', '1.5').optional(),
    memoryMb: count(16, 16_777_216, '2048').optional(),
    /** Threads count, too, as the kernel counts them. */
    processes: count(1, 1_000_000, '64').optional(),
    /** Of its log file, which is cut back to its newer half. */
    logMb: count(1, 1024, '8').default(8),
  }),
  'limits: cpus, memoryMb, processes, logMb',
  '{ cpus: 2, memoryMb: 2048 }',
);

const argSchema = told(
  z.union([
    z.string().max(4096),
    z.strictObject({
      /** Only where this variable is set: not false, not empty. */
      when: name('worldFile'),
      args: told(z.array(z.string().max(4096)).max(64), 'a list of texts', "['-world', '{{worldFile}}']"),
    }),
    z.strictObject({
      /** Only where the server's folder has this file, such as what it saved the last time. */
      whenFile: told(z.string().min(1).max(300), 'a path below the server’s folder', 'save/last.sav'),
      args: told(z.array(z.string().max(4096)).max(64), 'a list of texts', "['-g', 'save/last.sav']"),
      otherwise: told(z.array(z.string().max(4096)).max(64), 'a list of texts', "['-g']").default([]),
    }),
  ]),
  'a text, or { when: variable, args: [texts] }, or { whenFile: path, args: [texts], otherwise: [texts] }',
  "{ when: worldFile, args: ['-world', '{{worldFile}}'] }",
);

export const definitionSchema = told(
  z.strictObject({
    /** What people read. */
    name: text(64, 'BZFlag'),
    about: text(500, 'Tank battles, capture the flag').optional(),
    /** Where the program comes from, said where it is missing. */
    install: told(
      z.record(z.string(), z.string().min(1).max(300)),
      'how the program is installed, by system',
      "{ debian: 'apt-get install bzflag-server' }",
    ).optional(),
    /** Packages of npm that it needs, looked for from the configuration's folder on: `{{module.NAME}}` is where one was found. */
    modules: told(
      z.array(z.string().regex(/^(@[\w.-]+\/)?[\w.-]+$/)).max(16),
      'a list of names of npm packages',
      '[flying-squid]',
    ).default([]),
    /** Program and arguments with `{{placeholders}}`; no shell stands between. The first is looked for in PATH and in /usr/games. */
    argv: told(z.array(argSchema).min(1).max(256), 'a list: the program and its arguments', "[bzfs, -p, '{{port.game}}']"),
    /** As whom it runs, where Atlas runs as root; Atlas's own user when absent. */
    user: text(64, 'games').optional(),
    /** Below the server's folder; the folder itself when absent. */
    cwd: text(300, '.').optional(),
    env: told(z.record(z.string(), z.string()), 'names and texts', "{ HOME: '{{dir}}' }").default({}),
    variables: told(
      z.record(name('maxPlayers'), variableSchema),
      'variables by name',
      '{ maxPlayers: { type: integer, default: 16 } }',
    ).default({}),
    files: told(z.array(fileSchema).max(64), 'a list of files', '[{ path: server.cfg, text: "…" }]').default([]),
    ports: told(
      z.record(name('game'), portSchema).refine((ports) => Object.keys(ports).length > 0),
      'at least one port by name',
      '{ game: { protocol: udp, port: 27960 } }',
    ),
    /** It reads commands from its standard input. Said by itself where a step of `stop` or `saves` writes. */
    console: told(z.boolean(), 'true or false', 'true').optional(),
    /** When it can be played, beside its game ports being bound. */
    ready: readySchema.optional(),
    query: querySchema.optional(),
    players: playersSchema.optional(),
    health: healthSchema.prefault({}),
    /** Exit codes beside 0 with which it ends itself and has not crashed, such as after an update: it is started anew, and counts as no failure. */
    cleanExits: told(
      z.array(told(z.int().min(1).max(255), 'an exit code from 1 to 255', '42')).max(32),
      'a list of exit codes',
      '[42]',
    ).default([]),
    /** In this order; SIGTERM with 10 s when absent. Then it is killed. */
    stop: told(z.array(stopStepSchema).min(1).max(16), 'a list of steps', '[{ write: quit }, { signal: SIGTERM }]').optional(),
    sleep: sleepSchema.optional(),
    /** How it learns where its players are: one loopback address a player, a header before the connection, the game's own way, or not at all. */
    realIp: told(
      z.enum(['loopback', 'proxy-v2', 'velocity', 'bungee', 'none']),
      "one of 'loopback', 'proxy-v2', 'velocity', 'bungee', 'none'",
      'loopback',
    ).default('none'),
    /** How players are moved to another server of the game. */
    switch: told(z.enum(['in-place', 'reconnect', 'none']), "one of 'in-place', 'reconnect', 'none'", 'in-place').default('none'),
    saves: savesSchema.optional(),
    limits: limitsSchema.prefault({}),
  }),
  'a game definition',
  "{ name: BZFlag, argv: [bzfs, -p, '{{port.game}}'], ports: { game: { protocol: tcp+udp, port: 5154 } } }",
);

/** What a person writes. */
export type GameInput = z.input<typeof definitionSchema>;
/** With every default filled in. */
export type GameDefinition = z.output<typeof definitionSchema>;
export type GameVariable = z.output<typeof variableSchema>;
export type ReadyCondition = z.output<typeof conditionSchema>;

function isRegExp(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}
