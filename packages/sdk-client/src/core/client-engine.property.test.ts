import { Prng } from '@horizon-atlas/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelWorld } from '../../test/model-world.ts';
import { ClientEngine } from './client-engine.ts';

type Step = 'send' | 'say' | 'wait' | 'long wait' | 'cut' | 'checkpoint' | 'crash';

test('through any faults, commands take effect once and in order, and messages arrive once and in order', () => {
  const step = fc.constantFrom<Step>(
    'send',
    'send',
    'send',
    'say',
    'say',
    'wait',
    'wait',
    'long wait',
    'cut',
    'checkpoint',
    'crash',
  );
  const story = fc.property(fc.integer(), fc.array(step, { maxLength: 120, size: 'max' }), (seed, steps) => {
    const { engine, world, sent, heard } = play(seed, steps);
    // Then the weather clears.
    world.faults = false;
    world.cut();
    world.run(world.nowMs + 30_000);
    world.checkpoint();
    world.run(world.nowMs + 1_000);
    expect(world.applied).toEqual(sent);
    expect(heard).toEqual(world.messages);
    expect(engine.status).toBe('online');
    expect(engine.uncovered).toBe(0);
    expect(engine.applied).toBe(sent.length);
  });
  fc.assert(story, { numRuns: 300 });
});

function play(
  seed: number,
  steps: readonly Step[],
): { engine: ClientEngine; world: ModelWorld; sent: number[]; heard: number[] } {
  const prng = new Prng(seed);
  const world = new ModelWorld(prng.fork());
  const heard: number[] = [];
  const sent: number[] = [];
  const jitter = prng.fork();
  const nothing = (): void => {};
  const engine = new ClientEngine(
    {
      url: 'wss://a',
      token: 'jwt',
      schema: 1,
      random: () => jitter.unit(),
      policy: { firstConnectMs: Number.POSITIVE_INFINITY },
    },
    {
      connect: () => world.connect(),
      send: (frame) => world.send(frame),
      close: () => world.close(),
      backlogBytes: () => 0,
      message: (event) => heard.push(event),
      dropped: () => expect.unreachable('the session was never lost'),
      ...{ status: nothing, welcome: nothing, latest: nothing, view: nothing, notice: nothing, replayed: nothing },
      ...{ entered: nothing, changed: nothing, left: nothing, crossed: nothing },
    },
  );
  world.engine = engine;
  engine.start(0);
  for (const step of steps) {
    if (step === 'send') {
      const event = 1 + prng.below(1_000);
      if (engine.send(event, new Uint8Array(0)).ok) sent.push(event);
    } else if (step === 'say') world.say(1 + prng.below(1_000));
    else if (step === 'wait') world.run(world.nowMs + prng.below(60));
    else if (step === 'long wait') world.run(world.nowMs + 4_000);
    else if (step === 'cut') world.cut();
    else if (step === 'checkpoint') world.checkpoint();
    else world.crash();
  }
  return { engine, world, sent, heard };
}
