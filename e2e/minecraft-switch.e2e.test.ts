/**
 * A network of Minecraft servers as a person runs it: two flying-squids in a configuration, a front on the edge, and a real client (mineflayer) that is moved between them by the command, on one
 * TCP connection. When its server dies it plays on at the other one.
 */
import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@horizon-atlas/port-contracts';
import { type Admin, connectAdmin, type EdgeWay } from '@horizon-atlas/sdk-admin';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { missingOf, RealClient, realGames, squidModules } from './games/real-clients.ts';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const launcher = fileURLToPath(new URL('../packages/cli/bin/atlas.mjs', import.meta.url));
const minecraft = realGames.find(({ id }) => id === 'minecraft');
const here = minecraft !== undefined && !missingOf(minecraft);
const run = promisify(execFile);

let atlas: Installation;
let admin: Admin;
let port = 0;
const clients: RealClient[] = [];

beforeAll(async () => {
  if (!here) return;
  port = await freePort();
  const game = { game: 'minecraft', scaling: { min: 1, max: 1, warm: 0 } };
  const front = { game: 'minecraft' as const, onlineMode: false, motd: 'Two worlds', fallback: ['lobby'] };
  atlas = await Installation.make({
    world: undefined,
    regionServer: undefined,
    fleets: [
      { ...game, name: 'lobby', ports: [{ name: 'game', protocol: 'tcp', edge: { port, front } }] },
      // Reached by nobody from outside: players get there by being moved.
      { ...game, name: 'survival', ports: [{ name: 'game', protocol: 'tcp' }] },
    ],
  });
  symlinkSync(squidModules, join(atlas.home, 'node_modules'));
  await atlas.start();
  admin = connectAdmin({ url: `http://127.0.0.1:${atlas.config.api.port}` });
}, 3 * DEADLINE_MS);

afterAll(async () => {
  for (const client of clients) client.end();
  await atlas?.destroy();
}, DEADLINE_MS);

it.runIf(here)(
  'a player is moved by the command, talks at both servers on one connection, and outlives a server',
  { timeout: 8 * DEADLINE_MS },
  async () => {
    if (!minecraft) return;
    const [lobby, survival] = [await server('lobby'), await server('survival')];
    const pilot = new RealClient(minecraft, port);
    clients.push(pilot);
    const before = await way('is at the lobby', ({ server: at, state }) => at === lobby.id && state === 'open', pilot);
    expect(before).toMatchObject({ player: 'pilot', protocol: 'tcp', movable: true });
    await talk(pilot, 'hello lobby', lobby.id);

    const { stdout } = await atlasCommand('edges', 'move', 'pilot', '--fleet', 'survival');
    expect(stdout).toContain(`pilot is at ${survival.id} now.`);
    const after = await way('is at survival', ({ server: at }) => at === survival.id, pilot);
    // The same connection at the edge, and the same one to the client.
    expect({ id: after.id, peer: after.peer }).toEqual({ id: before.id, peer: before.peer });
    await talk(pilot, 'hello survival', survival.id);
    await counted(survival.id, 1);
    await counted(lobby.id, 0);

    await expect(atlasCommand('edges', 'move', 'pilot', '--to', 'nobody')).rejects.toMatchObject({ code: expect.any(Number) });
    await expect(admin.moveEdgeSession(after.id, { server: 'nobody' })).rejects.toMatchObject({ code: 'PROCESS_UNKNOWN' });

    kill(survival.pid, 'SIGKILL');
    const fallen = await way('fell back to the lobby', ({ server: at, state }) => at === lobby.id && state === 'open', pilot);
    expect(fallen.id).toBe(before.id);
    await talk(pilot, 'hello again', lobby.id);
    // Four worlds by one local port, and the client never noticed an end.
    expect(new Set(pilot.said.match(/world by port \d+/g)).size).toBe(1);
    expect(pilot.said).not.toMatch(/^(end|kicked|error)/m);
    pilot.leave();
    await until('nobody is there', async () => (await admin.edgeSessions()).total === 0);
  },
);

function atlasCommand(...args: string[]) {
  return run(process.execPath, [launcher, ...args], { cwd: atlas.home });
}

function server(fleet: string) {
  return until(`${fleet} is ready`, async () =>
    (await admin.gameServers({ fleet })).items.find(({ state }) => state === 'Ready'),
  );
}

function way(what: string, fits: (way: EdgeWay) => boolean, client: RealClient): Promise<EdgeWay> {
  return until(`the player ${what}`, async () => {
    const all = (await admin.edgeSessions()).items;
    const found = all.find(fits);
    if (!found) throw new Error(`there is ${JSON.stringify(all)}; the client says ${client.said.slice(-600)}`);
    return found;
  });
}

/** What the player says is heard by the server, which prints it, and by the player. */
async function talk(client: RealClient, text: string, at: string): Promise<void> {
  client.say(text);
  await until(`${text} comes back`, async () => client.said.includes(`chat <pilot> ${text}`));
  await until(`${at} has heard it`, async () => (await admin.logs(at, 50)).some((line) => line.text.includes(text)));
}

function counted(at: string, players: number): Promise<unknown> {
  return until(`${at} counts ${players}`, async () => {
    const known = (await admin.gameServer(at)).players?.count ?? 0;
    if (known !== players) throw new Error(`it counts ${known}`);
    return true;
  });
}
