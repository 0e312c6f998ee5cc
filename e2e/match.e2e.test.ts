/** An Atlas of fleets alone: servers come up, are given away by Agones' request, play a session, say its result, and outlive kill -9 of Atlas. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connectAdmin, type GameServer } from '@horizon-atlas/sdk-admin';
import { afterEach, expect, test } from 'vitest';
import { Installation, kill } from './installation.ts';
import { DEADLINE_MS, until } from './until.ts';

const entry = fileURLToPath(new URL('./match/match.ts', import.meta.url));

let atlas: Installation | undefined;
afterEach(() => atlas?.destroy(), DEADLINE_MS);

function say(server: GameServer, text: string): void {
  const socket = createSocket('udp4');
  const [port] = server.ports;
  socket.send(text, port?.port ?? 0, port?.host, () => socket.close());
}

test('matches are played by servers of a fleet, whatever becomes of Atlas', { timeout: 3 * DEADLINE_MS }, async () => {
  atlas = await Installation.make({
    world: undefined,
    regionServer: undefined,
    fleets: [{ name: 'arena', entry, ports: [{ name: 'game' }], scaling: { max: 8, warm: 2 } }],
  });
  await atlas.start();
  const url = `http://127.0.0.1:${atlas.config.api.port}`;
  const admin = connectAdmin({ url });
  const ready = async () => (await admin.fleet('arena')).states.Ready ?? 0;
  await until('two servers are ready', async () => (await ready()) === 2);

  const given = await admin.allocate({ fleet: 'arena', requestId: 'match-1', session: { map: 'dust' }, leaseSeconds: 60 });
  expect(given.ports.map(({ name }) => name)).toEqual(['game']);
  const again = await admin.allocate({ fleet: 'arena', requestId: 'match-1' });
  expect(again.gameServerName).toBe(given.gameServerName);
  const playing = async () => admin.gameServer(given.gameServerName);
  await until('it plays', async () => (await playing()).state === 'Active');
  // Whoever checks join tokens without the server SDK finds the keys.
  const environ = readFileSync(`/proc/${(await playing()).pid}/environ`, 'utf8').split('\0');
  const address = environ.find((each) => each.startsWith('ATLAS_JOIN_KEYS='))?.slice('ATLAS_JOIN_KEYS='.length) ?? '';
  expect(await (await fetch(address)).json()).toMatchObject({ keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' }] });
  await until('another one is kept warm in its place', async () => (await ready()) === 2);
  const before = (await admin.gameServers()).items.map(({ id, pid }) => `${id} ${pid}`);

  kill(await atlas.controlPid(), 'SIGKILL');
  await until('Atlas is back, and has its servers again', async () => (await admin.gameServers()).items.length === 3);
  expect((await admin.gameServers()).items.map(({ id, pid }) => `${id} ${pid}`)).toEqual(before);
  expect((await playing()).allocations).toEqual(['match-1']);
  const other = await admin.allocate({ fleet: 'arena', requestId: 'match-2' });
  expect(other.gameServerName).not.toBe(given.gameServerName);
  // It has dialled again, and is told nothing that it knows.
  await until('it plays on', async () => (await playing()).state === 'Active');

  say(await playing(), 'end blue');
  const over = await until('its result has arrived', async () => {
    const allocation = await admin.allocation('match-1');
    return allocation.state === 'ended' && allocation;
  });
  expect(over).toMatchObject({ end: 'ended', result: { winner: 'blue', data: { map: 'dust' } } });
  await until('its process is gone', async () =>
    (await admin.gameServers()).items.every(({ id }) => id !== given.gameServerName),
  );
  await expect(admin.allocate({ fleet: 'arena', requestId: 'match-1' })).rejects.toMatchObject({ code: 'ALLOCATION_ENDED' });
  await expect(admin.allocate({ fleet: 'nobody' })).rejects.toMatchObject({ code: 'FLEET_UNKNOWN' });

  const [victim] = (await admin.gameServers({ state: 'Ready' })).items;
  kill(victim?.pid ?? 0, 'SIGSTOP');
  await until('one that hangs is replaced', async () => {
    const servers = (await admin.gameServers()).items;
    return servers.every(({ id }) => id !== victim?.id) && (await ready()) === 2;
  });
  expect(await atlas.interrupt()).toBe(0);
});
