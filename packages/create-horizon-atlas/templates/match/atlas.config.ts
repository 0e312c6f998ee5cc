/** What `atlas up` runs. Everything that is not here has a default; a mistake is told with what was expected and an example. */
import { defineAtlas } from 'horizon-atlas';

export default defineAtlas({
  name: '__TITLE__',
  release: '__RELEASE__',
  // Match servers: one stands ready beyond those in use, and each plays one match after another.
  fleets: [
    {
      name: 'duel',
      entry: './match.ts',
      ports: [{ name: 'game', protocol: 'ws' }],
      scaling: { min: 1, max: 4, warm: 1 },
      afterSession: 'reuse',
    },
  ],
  // Whoever queues is matched by the rules, and gets a seat on one of those servers. Results move the ratings of the pool.
  matchmaking: { queues: [{ name: 'duel', ruleSet: './rules.json', fleet: 'duel', rating: { pool: 'duel' } }] },
  // Somebody to play against.
  companions: [{ name: 'bots', entry: './bots.ts', waitsFor: 'matchmaking' }],
  web: './web',
});
