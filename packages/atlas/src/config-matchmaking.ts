/** Matchmaking in the configuration: queues with their rule sets, lobbies. Rule sets are read when the configuration is, so that a wrong one is told then. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { MatchmakerSettings } from '@horizon-atlas/matchmaker';
import { defaultWaits, readRuleSet } from '@horizon-atlas/matchmaker/configuration';
import { z } from 'zod';
import { show, valueAt } from './config-found.ts';
import { count, id, ms, told } from './config-guide.ts';

const ruleSetExample = "{ ruleLanguageVersion: '1.0', teams: [{ name: 'all', minPlayers: 2, maxPlayers: 2 }] }";

const queueSchema = told(
  z.strictObject({
    /** What tickets name. */
    name: id,
    /** A FlexMatch rule set (`ruleLanguageVersion` "1.0"): a JSON file, or the document itself. */
    ruleSet: told(
      z.union([z.string().min(1), z.record(z.string(), z.unknown())]),
      'a JSON file with a FlexMatch rule set, relative to this file, or the document itself',
      "'./rules/duel.json'",
    ),
    /** Whose servers its matches are played on. */
    fleet: id,
    /**
     * The game's own way to form matches: a module whose default export is given who waits and answers with proposals, in a thread of its own. The rule set
     * says what a match must be.
     */
    matchFunction: told(
      z.string().min(1),
      'a module whose default export is a function, relative to this file',
      "'./by-map.ts'",
    ).optional(),
    /** From one call of it to the next, while tickets wait. */
    functionEveryMs: ms(50, 60_000, '500').default(500),
    /** A call that lasts longer is ended. */
    functionTimeoutMs: ms(10, 60_000, '1000').default(1_000),
    /** A ticket that waits longer is TIMED_OUT. */
    ticketTimeoutMs: ms(1_000, 43_200_000, '300000').default(defaultWaits.ticketTimeoutMs),
    /** Players are asked whether they want the match that was found, and have so long to answer; nobody is asked when absent. */
    acceptMs: ms(1_000, 600_000, '20000').optional(),
    /** A match that begins with free places goes on taking players. */
    backfill: told(z.boolean(), 'true or false', 'true').default(false),
    /** Its results move ratings, and the rule set reads them as an attribute, whatever a ticket says of it. */
    rating: told(
      z.strictObject({
        /** Queues may share one. */
        pool: id,
        attribute: told(
          z.string().min(1).max(128),
          'the name of a number among the rule set’s playerAttributes',
          "'skill'",
        ).default('skill'),
      }),
      'a pool of ratings, and the attribute that they are for the rule set',
      "{ pool: 'ranked', attribute: 'skill' }",
    ).optional(),
    /** What comes and what becomes of it is written to `recordings/<name>.ndjson` of the data directory, for `atlas mm replay`. */
    recording: told(z.boolean(), 'true or false', 'true').default(false),
  }),
  'a queue: a name, a rule set and a fleet',
  "{ name: 'duel', ruleSet: './rules/duel.json', fleet: 'arena' }",
);

const lobbySchema = told(
  z.strictObject({
    name: id,
    /** Its servers go on while matches come and go. */
    fleet: id,
    /** Players of one server. */
    capacity: count(1, 10_000, '100').default(100),
    /** Where players go from it. */
    queues: told(z.array(id).max(64), 'a list of names of queues', "['duel', 'royale']").default([]),
  }),
  'a lobby: a name and a fleet of persistent servers',
  "{ name: 'hub', fleet: 'hub', capacity: 100, queues: ['duel'] }",
);

export const matchmakingSchema = told(
  z.strictObject({
    queues: told(
      z.array(queueSchema).min(1).max(256),
      'a list of 1 to 256 queues',
      "[{ name: 'duel', ruleSet: './duel.json', fleet: 'arena' }]",
    ),
    /** Persistent servers between matches. Parties stay together from one to the next. */
    lobbies: told(z.array(lobbySchema).max(64), 'a list of lobbies', "[{ name: 'hub', fleet: 'hub', queues: ['duel'] }]").default(
      [],
    ),
    /** How long a match waits for a server before its tickets search on. */
    waitMs: ms(0, 600_000, '10000').default(defaultWaits.waitMs),
    /** How long its server waits for the first player before it is given back. */
    leaseMs: ms(1_000, 3_600_000, '60000').default(defaultWaits.leaseMs),
  }),
  'queues with rule sets and fleets, and lobbies',
  "{ queues: [{ name: 'duel', ruleSet: './duel.json', fleet: 'arena' }] }",
);
export type ParsedMatchmaking = z.output<typeof matchmakingSchema>;

/** As the processes read it: rule sets stand in it, and paths are absolute. */
export type MatchmakingConfig = Omit<ParsedMatchmaking, 'queues'> & {
  readonly queues: readonly (Omit<ParsedMatchmaking['queues'][0], 'ruleSet'> & {
    readonly ruleSet: Readonly<Record<string, unknown>>;
  })[];
};

export interface MatchmakingComplaint {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly example: string;
}

/** What is wrong beyond the shape. `fleets`: names that there are; undefined: they are not known here. */
export function matchmakingComplaints(
  { queues, lobbies }: ParsedMatchmaking,
  file: string,
  fleets: readonly string[] | undefined,
): readonly MatchmakingComplaint[] {
  const found: MatchmakingComplaint[] = [];
  const complain = (path: string, expected: string, what: string, example: string) =>
    found.push({ path, expected, found: what, example });
  const names = queues.map(({ name }) => name);
  for (const [i, { name, fleet, ruleSet, rating, matchFunction }] of queues.entries()) {
    const at = `matchmaking.queues[${i}]`;
    if (names.indexOf(name) !== i) complain(`${at}.name`, 'a name that no other queue has', `'${name}'`, `'${name}-2'`);
    if (fleets && !fleets.includes(fleet))
      complain(`${at}.fleet`, unknownFleet(fleets), `'${fleet}'`, `'${fleets[0] ?? 'arena'}'`);
    const module = matchFunction === undefined ? undefined : resolve(dirname(file), matchFunction);
    if (module !== undefined && !existsSync(module))
      complain(`${at}.matchFunction`, 'a file that exists', `'${matchFunction}', and there is no ${module}`, "'./by-map.ts'");
    const document = documentOf(ruleSet, file);
    if (typeof document === 'string') {
      complain(`${at}.ruleSet`, 'a file with a FlexMatch rule set in JSON', document, "'./rules/duel.json'");
      continue;
    }
    const read = readRuleSet(document);
    if (!read.ok) {
      for (const each of read.complaints)
        complain(
          [`${at}.ruleSet`, typeof ruleSet === 'string' ? `(${ruleSet})` : '', each.path].filter((part) => part !== '').join(' '),
          each.message.replace(/^expected /, ''),
          show(valueAt(document, keysOf(each.path))),
          ruleSetExample,
        );
      continue;
    }
    const attribute = rating && read.ruleSet.attributes.find((each) => each.name === rating.attribute);
    if (rating && attribute?.type !== 'number') {
      const numbers = read.ruleSet.attributes.filter(({ type }) => type === 'number').map((each) => each.name);
      complain(
        `${at}.rating.attribute`,
        `a number among playerAttributes: ${numbers.join(', ') || 'there is none'}`,
        `'${rating.attribute}'`,
        "'skill'",
      );
    }
  }
  for (const [i, { fleet, queues: leads }] of lobbies.entries()) {
    const at = `matchmaking.lobbies[${i}]`;
    if (fleets && !fleets.includes(fleet)) complain(`${at}.fleet`, unknownFleet(fleets), `'${fleet}'`, `'${fleets[0] ?? 'hub'}'`);
    const strange = leads.find((name) => !names.includes(name));
    if (strange !== undefined)
      complain(`${at}.queues`, `names of queues: ${names.join(', ')}`, `'${strange}'`, `['${names[0]}']`);
  }
  return found;
}

/** With the rule sets in it. Of a configuration without complaints. */
export function completeMatchmaking(parsed: ParsedMatchmaking, file: string): MatchmakingConfig {
  return {
    ...parsed,
    queues: parsed.queues.map((queue) => ({
      ...queue,
      ruleSet: documentOf(queue.ruleSet, file) as Record<string, unknown>,
      ...(queue.matchFunction !== undefined && { matchFunction: resolve(dirname(file), queue.matchFunction) }),
    })),
  };
}

export function matchmakerSettings(
  { queues, lobbies, waitMs, leaseMs }: MatchmakingConfig,
  sitesOf: (fleet: string) => readonly string[],
): MatchmakerSettings {
  return {
    queues: queues.map((queue) => {
      const { name, ruleSet, fleet, ticketTimeoutMs, acceptMs = 0, backfill, rating, recording } = queue;
      const { matchFunction, functionEveryMs, functionTimeoutMs } = queue;
      const read = readRuleSet(ruleSet);
      if (!read.ok) throw new Error(`the rule set of ${name} was taken before, and is not now`);
      return {
        name,
        ruleSet: read.ruleSet,
        fleet,
        ticketTimeoutMs,
        acceptMs,
        backfill,
        rating,
        sites: sitesOf(fleet),
        recorded: recording,
        ...(matchFunction !== undefined && {
          matchFunction: { everyMs: functionEveryMs },
          functionSource: { file: matchFunction, timeoutMs: functionTimeoutMs },
        }),
      };
    }),
    lobbies,
    waitMs,
    leaseMs,
  };
}

/** `rules[0].measurements` as keys. */
function keysOf(path: string): string[] {
  return path.split(/[.[\]]+/).filter((key) => key !== '');
}

/** The document, or what is wrong with its file. */
function documentOf(ruleSet: ParsedMatchmaking['queues'][0]['ruleSet'], file: string): unknown {
  if (typeof ruleSet !== 'string') return ruleSet;
  const path = resolve(dirname(file), ruleSet);
  if (!existsSync(path)) return `'${ruleSet}', and there is no ${path}`;
  try {
    const document: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof document === 'object' ? document : `'${ruleSet}', which holds no object`;
  } catch (error) {
    return `'${ruleSet}', which is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function unknownFleet(fleets: readonly string[]): string {
  return fleets.length === 0 ? 'a fleet, and the configuration has none' : `one of the fleets: ${fleets.join(', ')}`;
}
