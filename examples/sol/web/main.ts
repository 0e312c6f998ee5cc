/** Sol in the browser: joins the world, and puts the parts of the page together. Of borders it only knows what it is told, to show it. */
import { connect } from '@horizon-atlas/sdk-client';
import { pageAccess } from '@horizon-atlas/sdk-client/page';
import { regions, schema } from '../schema.ts';
import { Chat } from './chat.ts';
import { Helm } from './helm.ts';
import { Hud } from './hud.ts';
import { drawMap } from './map.ts';
import { Motion } from './motion.ts';
import { Space } from './space.ts';

/** How often the ship is told where to go, in ms. */
const STEER_MS = 66;

const byId = (id: string) => document.getElementById(id) as HTMLElement;
const canvas = byId('space') as HTMLCanvasElement;
const map = byId('map') as HTMLCanvasElement;
const hud = new Hud(byId);
const nameOf = (id: string) => regions.find((region) => region.id === id)?.name ?? id;

play().catch((error: unknown) => hud.over(error instanceof Error ? error.message : String(error)));

async function play(): Promise<void> {
  const access = await pageAccess({ name: new URLSearchParams(location.search).get('name') ?? undefined });
  hud.joining();
  const atlas = await connect({ ...access, schema });
  const motion = new Motion();
  const space = new Space(canvas);
  const helm = new Helm(canvas);
  const chat = new Chat(
    byId,
    (text) => atlas.send('chat/say', { text }).ok,
    () => byId('helm').focus(),
  );
  hud.place(nameOf(atlas.me.region));
  byId('helm').focus();

  atlas.on('$view', ({ epoch, entities }) => {
    motion.view(entities, performance.now());
    hud.figure('epoch', String(epoch));
  });
  atlas.on('$leave', ({ id }) => motion.leave(id));
  atlas.on('$crossed', ({ to, gapMs }) => hud.crossed(nameOf(to), gapMs));
  atlas.on('$paused', ({ region }) => hud.paused(nameOf(region)));
  atlas.on('$resumed', ({ region }) => hud.resumed(nameOf(region)));
  atlas.on('$status', ({ status, code }) => hud.connection(status, code));
  atlas.on('chat/said', ({ from, text }) => chat.said(from, text));

  setInterval(() => {
    const seen = atlas.me.seen;
    const to = seen && helm.target(seen, space.toWorld);
    if (to) atlas.sendLatest('movement/steer', to);
  }, STEER_MS);
  setInterval(() => {
    const { seen } = atlas.me;
    hud.ping(atlas.ping);
    if (seen) hud.figure('at', `${Math.round(seen.x)}, ${Math.round(seen.y)}`);
    hud.inSight([...atlas.entities.values()].map(({ state }) => state?.name ?? ''));
  }, 250);

  const frame = (nowMs: number) => {
    const ships = motion.at(nowMs, atlas.entities);
    const own = ships.find(({ id }) => id === atlas.me.entity);
    if (own) {
      space.draw(own, ships, helm.goal, nowMs);
      drawMap(map, own, ships);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
