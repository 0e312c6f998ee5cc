/**
 * Sol's load test: players on recorded human paths across the borders, who count their commands.
 *
 *   atlas loadtest examples/sol/loadtest.ts --players 60
 */
import { readFileSync } from 'node:fs';
import { defineScenario } from '@horizon-atlas/loadtest';
import { replay } from './courses.ts';
import { ExactlyOnce } from './exactly-once.ts';
import { unpackRecording } from './recording.ts';
import { schema } from './schema.ts';

const recording = unpackRecording(readFileSync(new URL('./data/movement.bin.gz', import.meta.url)));

export default defineScenario({
  schema,
  async player(atlas, ctx) {
    const course = replay(recording, ctx.index, ctx.between(0, 600));
    const counts = new ExactlyOnce(Math.floor(ctx.between(1, 2 ** 31)));
    const startedMs = performance.now();
    atlas.on('probe/counted', (counted) => {
      counts.counted(counted);
      ctx.faults(counts.faults);
    });
    // The SDK says itself how many commands it gave up.
    atlas.on('$dropped', () => counts.restart(Math.floor(ctx.between(1, 2 ** 31))));
    for await (const turn of ctx.turns()) {
      atlas.sendLatest('movement/steer', course((performance.now() - startedMs) / 1000));
      if (turn % 2 === 0) counts.send((command) => atlas.send('probe/count', command).ok);
    }
  },
});
