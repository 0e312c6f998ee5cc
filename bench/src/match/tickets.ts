/** Made-up tickets of a 4 against 4 shooter: skills, parties, and round trips to three places. From a seed, so that two runs see the same crowd. */
import { Prng } from '@horizon-atlas/base';
import type { Ticket } from '@horizon-atlas/matchmaker';

export const PLACES = ['eu', 'us', 'ap'] as const;
/** Of tickets. */
const PARTIES = 0.3;

/** 2 × 4 players, skill at most 100 from the match's mean (300 after 15 s), a place within 80 ms of everybody. */
export const ruleSet = {
  ruleLanguageVersion: '1.0',
  playerAttributes: [
    { name: 'skill', type: 'number' },
    { name: 'mode', type: 'string' },
  ],
  teams: [
    { name: 'red', minPlayers: 4, maxPlayers: 4 },
    { name: 'blue', minPlayers: 4, maxPlayers: 4 },
  ],
  rules: [
    { name: 'sameMode', type: 'comparison', measurements: 'flatten(teams[*].players.attributes[mode])', operation: '=' },
    {
      name: 'closeSkill',
      type: 'distance',
      measurements: 'flatten(teams[*].players.attributes[skill])',
      referenceValue: 'avg(flatten(teams[*].players.attributes[skill]))',
      maxDistance: 100,
    },
    { name: 'fastEnough', type: 'latency', maxLatency: 80 },
  ],
  expansions: [{ target: 'rules[closeSkill].maxDistance', steps: [{ waitTimeSeconds: 15, value: 300 }] }],
} as const;

/** Waiting since at most `oldestMs` before 0. */
export function makeTickets(count: number, seed: number, oldestMs: number): Ticket[] {
  const random = new Prng(seed);
  let players = 0;
  return Array.from({ length: count }, (_, i) => {
    const size = random.unit() < PARTIES ? 2 + random.below(3) : 1;
    const home = random.below(PLACES.length);
    // Friends play at about one level.
    const level = 1500 + 300 * normal(random);
    const mode = random.unit() < 0.8 ? 'ranked' : 'casual';
    return {
      id: `t${i}`,
      createdMs: -Math.floor(random.unit() * oldestMs),
      players: Array.from({ length: size }, () => ({
        id: `p${players++}`,
        attributes: { skill: Math.round(size === 1 ? level : level + 60 * normal(random)), mode },
        latencyMs: Object.fromEntries(PLACES.map((place, p) => [place, latency(random, p === home)])),
      })),
    };
  });
}

/** Of those far away, some live between two places. */
function latency(random: Prng, home: boolean): number {
  if (home) return Math.round(15 + 50 * random.unit());
  return Math.round(random.unit() < 0.2 ? 60 + 40 * random.unit() : 100 + 150 * random.unit());
}

/** Standard normal, as the sum of twelve even ones. */
function normal(random: Prng): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.unit();
  return sum;
}
