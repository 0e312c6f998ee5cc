/** The arena as parts of a configuration: its fleet, its queue, its page and its bots. `atlas.config.ts` has them alone, Sol's beside its world. */
import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const fleet = {
  name: 'arena',
  entry: here('./match.ts'),
  ports: [{ name: 'game', protocol: 'ws' as const }],
  scaling: { min: 1, max: 6, warm: 1 },
  // The same process plays one match after another, until it is an hour old.
  afterSession: 'reuse' as const,
  maxLifetimeMs: 3_600_000,
  labels: { mode: 'arena' },
};

export const queue = { name: 'arena', ruleSet: here('./rules/arena.json'), fleet: 'arena', rating: { pool: 'arena' } };

export const page = { name: 'arena', web: here('./web') };

export const bots = { name: 'arena-bots', waitsFor: 'matchmaking' as const, entry: here('./bots.ts'), args: ['24'] };
