/** Players who walk to and fro across the border and say so:  atlas loadtest --players 50  while `atlas up` runs. */
import { defineScenario } from '@horizon-atlas/loadtest';
import { schema } from './schema.ts';

export default defineScenario({
  schema,
  async player(atlas, ctx) {
    for await (const turn of ctx.turns()) {
      if (turn % 8 === 0) atlas.send('walk/to', { x: turn % 16 === 0 ? 30 : -30, y: ctx.between(-40, 40) });
      else if (turn % 8 === 4) atlas.send('chat/say', { text: `turn ${turn}` });
    }
  },
});
