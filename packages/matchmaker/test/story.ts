/** Queues and tickets for tests, in few words. */

import type { FormedMatch, FormerPolicy } from '../src/core/former.ts';
import type { AttributeValue } from '../src/core/rule-set.ts';
import { MatchQueue, type Ticket } from '../src/index.ts';
import { readRuleSet } from '../src/rule-set-schema.ts';

export const skills = 'flatten(teams[*].players.attributes[skill])';

export const duel = {
  ruleLanguageVersion: '1.0',
  playerAttributes: [
    { name: 'skill', type: 'number', default: 100 },
    { name: 'mode', type: 'string', default: 'ranked' },
    { name: 'role', type: 'string', default: 'any' },
    { name: 'maps', type: 'string_list', default: ['city'] },
    { name: 'pings', type: 'string_number_map', default: {} },
  ],
  teams: [
    { name: 'red', minPlayers: 1, maxPlayers: 1 },
    { name: 'blue', minPlayers: 1, maxPlayers: 1 },
  ],
};

export function teamsOf(players: number, least = players) {
  return ['red', 'blue'].map((name) => ({ name, minPlayers: least, maxPlayers: players }));
}

export function queueOf(changes: object = {}, policy: Partial<FormerPolicy> = {}): MatchQueue {
  const read = readRuleSet({ ...duel, ...changes });
  if (!read.ok) throw new Error(read.complaints.map(({ path, message }) => `${path}: ${message}`).join('; '));
  return new MatchQueue(read.ruleSet, policy);
}

export interface Wish {
  readonly id: string;
  readonly atMs?: number;
  /** One player each. */
  readonly players?: readonly {
    readonly attributes?: Record<string, AttributeValue>;
    readonly latencyMs?: Record<string, number>;
  }[];
  readonly attributes?: Record<string, AttributeValue>;
  readonly latencyMs?: Record<string, number>;
}

export function ticket({ id, atMs = 0, players, attributes = {}, latencyMs = {} }: Wish): Ticket {
  const each = players ?? [{ attributes, latencyMs }];
  return {
    id,
    createdMs: atMs,
    players: each.map((player, i) => ({
      id: each.length === 1 ? `player-${id}` : `player-${id}-${i}`,
      attributes: player.attributes ?? {},
      latencyMs: player.latencyMs ?? {},
    })),
  };
}

/** Team by team, the ids of their tickets: `a b | c d`. */
export function line({ teams }: FormedMatch): string {
  return teams
    .map(({ tickets }) =>
      tickets
        .map(({ id }) => id)
        .sort()
        .join(' '),
    )
    .sort()
    .join(' | ');
}
