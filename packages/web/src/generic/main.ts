/**
 * The page of a game that has no web client: joins as a player of any game, without knowing its messages, and draws what all games have, which
 * is regions and everybody in sight.
 */
import { connect, defineGame } from '@horizon-atlas/sdk-client';
import { pageAccess } from '@horizon-atlas/sdk-client/page';
import { type Region, regionsOfThisWorld } from './regions.ts';
import { View } from './view.ts';

/** A schema of 0 is no schema: a game server lets a client in that says it knows none. */
const anyGame = { ...defineGame({ client: {}, server: {} }), hash: 0 };

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const say = (text: string): void => {
  byId('notice').textContent = text;
};

try {
  const access = await pageAccess();
  const atlas = await connect({ ...access, schema: anyGame });
  const regions: readonly Region[] = await regionsOfThisWorld();
  const view = new View(byId('world') as HTMLCanvasElement, regions);
  let epoch = 0;
  let handoffs = 0;
  let gapMs = Number.NaN;
  atlas.on('$view', (seen) => {
    epoch = seen.epoch;
  });
  atlas.on('$crossed', (crossing) => {
    handoffs++;
    gapMs = crossing.gapMs;
  });
  atlas.on('$paused', () => say('The region’s server is gone. Another takes over …'));
  atlas.on('$resumed', () => say(''));
  atlas.on('$status', ({ status, code }) => {
    if (status === 'reconnecting') say('The connection is gone. Coming back …');
    else if (status === 'online') say('');
    else if (status === 'closed') say(`The session is over${code ? ` (${code})` : ''}. Load the page anew to play on.`);
  });
  const nameOf = (id: string) => regions.find((region) => region.id === id)?.name ?? id;
  const rounded = (ms: number) => (Number.isNaN(ms) ? '–' : `${Math.round(ms)} ms`);
  setInterval(() => {
    const { region } = atlas.me;
    byId('status').textContent = [
      `${access.name} in ${nameOf(region)}`,
      `${atlas.entities.size} in sight`,
      `epoch ${epoch}`,
      `ping ${rounded(atlas.ping)}`,
      `handoffs ${handoffs}`,
      `gap ${rounded(gapMs)}`,
    ].join('  ·  ');
  }, 250);
  const draw = () => {
    view.draw(atlas.entities.values(), atlas.me.entity, atlas.me.region);
    requestAnimationFrame(draw);
  };
  draw();
} catch (error) {
  byId('status').textContent = '';
  say(error instanceof Error ? error.message : String(error));
}
