/**
 * What others do wrong, done to a whole Atlas while somebody plays on it: each has its code, and costs the player nothing.
 * docs/reference/bad-input.md is the list; what is tried in one part alone is named there.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, connect as dialTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connect as dialTls } from 'node:tls';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { LINK_PROTOCOL, ServerToControl } from '@horizon-atlas/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { clock } from './clock.ts';
import { Installation } from './installation.ts';
import { Player } from './player.ts';
import { RudeClient, tokenOf } from './rude-client.ts';
import { DEADLINE_MS, until } from './until.ts';
import { schema } from './world/schema.ts';

let atlas: Installation;
let ann: Player;
let mischiefFile: string;

beforeAll(async () => {
  atlas = await Installation.make();
  mischiefFile = join(atlas.home, 'mischief');
  atlas.configure({
    ...atlas.config,
    gateway: { ...atlas.config.gateway, limits: { messagesPerSecond: 200 } },
    regionServer: { entry: Installation.mischief, env: { ATLAS_E2E_MISCHIEF: mischiefFile }, startTimeoutMs: 4000 },
    // Neighbours sleep until somebody comes near, so that each chapter chooses who wakes.
    handoff: { warmNeighbours: false, assignTimeoutMs: 1_000, stopMs: 300 },
    sleepAfterMs: 300,
  });
  await atlas.start();
  ann = await Player.join(atlas, 'ann');
  ann.keepCounting();
}, 3 * DEADLINE_MS);
afterAll(async () => {
  ann?.leave();
  await atlas?.destroy();
}, DEADLINE_MS);

/** Ann has counted all the while: whatever it was, it was nothing to her. */
afterEach(async () => {
  if (!ann) return;
  await ann.plays();
  expect({ faults: ann.faults, closed: ann.closed }).toEqual({ faults: [], closed: 0 });
});

const chapter = (what: string, story: () => Promise<void>) => test(what, { timeout: 3 * DEADLINE_MS }, story);

describe('a client', () => {
  type Sin = [what: string, close: number, code: string, (client: RudeClient) => void];
  const sins: Sin[] = [
    ['an unknown kind of message', 4400, 'MESSAGE_INVALID', (client) => client.bytes([99, 1, 2, 3])],
    ['half a message', 4400, 'MESSAGE_INVALID', (client) => client.bytes([2, 1, 0])],
    ['text where bytes are spoken', 4400, 'MESSAGE_INVALID', (client) => client.text([123, 125])],
    ['a message above the limit', 1009, 'MESSAGE_TOO_BIG', (client) => client.bytes(new Uint8Array(20_000).fill(2))],
    ['an unknown version', 4426, 'VERSION_UNKNOWN', (client) => client.hello({ version: 999, token: tokenOf(atlas, 'eve') })],
    ['another schema', 4427, 'SCHEMA_MISMATCH', (client) => client.hello({ schema: 7, token: tokenOf(atlas, 'eve') })],
    ['no token', 4401, 'TOKEN_INVALID', (client) => client.hello({})],
    ['a token that is none', 4401, 'TOKEN_INVALID', (client) => client.hello({ token: 'open sesame' })],
    ['an expired token', 4401, 'TOKEN_INVALID', (client) => client.hello({ token: tokenOf(atlas, 'eve', { inS: -600 }) })],
    ['an unsigned token', 4401, 'TOKEN_INVALID', (client) => client.hello({ token: tokenOf(atlas, 'eve', { alg: 'none' }) })],
    ['a forged token', 4401, 'TOKEN_INVALID', (client) => client.hello({ token: tokenOf(atlas, 'eve', { secret: 'guessed' }) })],
    ['a made-up resume token', 4450, 'RESUME_INVALID', (client) => client.hello({ resume: 'v1.k1.AAAA.BBBB' })],
  ];
  test.each(sins)('%s: %i %s', { timeout: 2 * DEADLINE_MS }, async (_what, close, code, commit) => {
    const client = await RudeClient.open(atlas);
    commit(client);
    expect(await client.end()).toEqual({ close, code });
  });

  chapter('a subprotocol of the future', async () => {
    expect(await (await RudeClient.open(atlas, 'atlas.v9')).end()).toEqual({ close: 4426, code: 'VERSION_UNKNOWN' });
  });

  test.each([
    ['that is not UTF-8', [0xc3, 0x28]],
    ['that is not JSON', [...Buffer.from('{"namespace":')]],
    ['that is no event', [...Buffer.from('{"event":7}')]],
  ])('text %s', { timeout: 2 * DEADLINE_MS }, async (_what, bytes) => {
    const client = await RudeClient.open(atlas, 'horizon.v1', `?token=${tokenOf(atlas, 'eve')}`);
    client.text(bytes);
    expect(await client.end()).toEqual({ close: 4400, code: 'MESSAGE_INVALID' });
  });

  chapter('commands with a gap, and a payload that is not of its schema', async () => {
    const gap = await RudeClient.joined(atlas, 'eve');
    gap.say({ kind: 'command', seq: 5, event: 1, payload: new Uint8Array(4) });
    expect(await gap.end()).toEqual({ close: 4433, code: 'SEQUENCE_INVALID' });
    const nonsense = await RudeClient.joined(atlas, 'mallory');
    nonsense.say({ kind: 'command', seq: 1, event: schema.client.id('chat/say'), payload: Uint8Array.of(255, 255, 1) });
    expect(await nonsense.end()).toEqual({ close: 4400, code: 'MESSAGE_INVALID' });
  });

  chapter('that floods', async () => {
    const client = await RudeClient.joined(atlas, 'eve');
    const flood = setInterval(() => {
      for (let i = 0; i < 500; i++) client.say({ kind: 'latest', event: 1, payload: new Uint8Array(4) });
    });
    const end = await client.end().finally(() => clearInterval(flood));
    expect(end).toEqual({ close: 4429, code: 'RATE_LIMITED' });
  });

  chapter('that resumes with a token that was used', async () => {
    const first = await RudeClient.joined(atlas, 'trudy');
    const { resume, session } = first.welcome ?? { resume: '', session: '' };
    first.vanish();
    const second = await RudeClient.joined(atlas, 'trudy', { resume });
    expect(second.welcome).toMatchObject({ session, resumed: true });
    // It shows that it has the new token; the old one is worth nothing from now on.
    second.say({ kind: 'ack', received: 0 });
    await until('the old token is refused, and whoever plays is not disturbed', async () => {
      const thief = await RudeClient.joined(atlas, 'trudy', { resume });
      thief.vanish();
      return thief.ended?.close === 4451 && thief.ended.code === 'RESUME_REPLAYED';
    });
  });

  chapter('that sends half a handshake, on any layer', async () => {
    const port = atlas.config.gateway.port;
    const closed: Promise<void>[] = [];
    const watch = <S extends Socket>(socket: S): S => {
      closed.push(
        new Promise((resolve) =>
          socket
            .on('error', () => {})
            .on('close', () => resolve())
            .resume(),
        ),
      );
      return socket;
    };
    watch(dialTcp({ port, host: '127.0.0.1' }));
    watch(dialTcp({ port, host: '127.0.0.1' })).write(Buffer.from([0x16, 0x03, 0x01, 0x02]));
    watch(dialTcp({ port, host: '127.0.0.1' })).write('GET / HTTP/1.1\r\n\r\n');
    watch(dialTls({ port, host: '127.0.0.1', rejectUnauthorized: false })).write('GET / HTTP/1.1\r\nHost:');
    const silent = await RudeClient.open(atlas);
    expect(await silent.end()).toEqual({ close: 4408, code: 'HANDSHAKE_TIMEOUT' });
    await Promise.all(closed);
  });

  chapter('whose game puts it where nothing can be', async () => {
    const icarus = await Player.join(atlas, 'icarus');
    await until('he is in the world', () => icarus.x === 50);
    for (const where of ['nan', 'infinity']) {
      icarus.client.send('cheat/jump', { where });
      await icarus.plays();
      expect(icarus.x, where).toBe(50);
    }
    // Far outside is stopped at the edge.
    icarus.client.send('cheat/jump', { where: 'below' });
    await until('he is at the edge', () => icarus.x >= 0 && icarus.x < 50);
    expect(atlas.logs().match(/POSITION_INVALID/g)?.length).toBeGreaterThanOrEqual(3);
    icarus.leave();
  });
});

describe('a stranger at the socket of the control plane', () => {
  const helloOf = (version: number) =>
    ServerToControl.encode({
      kind: 'hello',
      server: 'srv_nobody',
      version,
      pid: 1,
      address: 'unix:/nowhere',
      schema: 0,
      regions: [],
    });

  test.each([
    ['that speaks nonsense', 'LINK_FRAME_INVALID', Uint8Array.of(250, 1, 2)],
    ['of another release', 'LINK_VERSION', helloOf(LINK_PROTOCOL + 1)],
    ['that was not started by it', 'SERVER_UNKNOWN', helloOf(LINK_PROTOCOL)],
    [
      'that begins without hello',
      'LINK_FRAME_INVALID',
      ServerToControl.encode({ kind: 'regionUp', region: 'west', epoch: 1_000_000 }),
    ],
  ])('%s: %s', { timeout: DEADLINE_MS }, async (_what, code, frame) => {
    const link = await makeLinks({ clock }).dial(`unix:${join(atlas.dir.sockets, 'servers.sock')}`);
    const ended = new Promise<string>((resolve) => link.onClose((reason) => resolve(reason.code)));
    link.send(frame);
    expect(await ended).toBe(code);
  });
});

describe('a region server', () => {
  /** The next server process is a bad one; `walker` goes where it is needed. */
  async function mischief(what: string, walker: string): Promise<Player> {
    await until('mid sleeps', async () => (await atlas.status()).regions.find(({ id }) => id === 'mid')?.state === 'asleep');
    await until('its server is gone', async () => (await atlas.status()).servers.length === 1);
    writeFileSync(mischiefFile, what);
    const player = await Player.join(atlas, walker);
    await player.walkTo(150);
    await until(`mid plays ${walker}`, () => player.region === 'mid');
    return player;
  }

  async function leave(player: Player): Promise<void> {
    await player.settle();
    expect(player.faults).toEqual([]);
    player.leave();
  }

  chapter('that never gets ready is ended, and another one takes the player over', async () => {
    const player = await mischief('never-ready', 'walker-1');
    expect(atlas.logs()).toContain('SERVER_START_TIMEOUT');
    await leave(player);
  });

  chapter('that crashes at once is started again', async () => {
    const player = await mischief('crashes', 'walker-2');
    expect(atlas.logs()).toContain('SERVER_CRASHED');
    await leave(player);
  });

  chapter('that lies about its region, at an epoch from ahead or an old one, is not believed, and told to go', async () => {
    const owner = await atlas.serverOf('west');
    const epoch = (await atlas.status()).regions.find(({ id }) => id === 'west')?.epoch;
    const player = await mischief('lies', 'walker-3');
    expect(atlas.logs()).toContain('EPOCH_STALE');
    expect(await atlas.serverOf('west')).toEqual(owner);
    expect((await atlas.status()).regions.find(({ id }) => id === 'west')?.epoch).toBe(epoch);
    await leave(player);
  });

  chapter('that lies and does not go when told to is ended', async () => {
    const player = await mischief('stubborn', 'walker-5');
    expect(atlas.logs()).toContain('SERVER_HUNG');
    await leave(player);
  });

  chapter('that is there and never takes its region has to make room', async () => {
    const player = await mischief('deaf', 'walker-6');
    await leave(player);
  });

  chapter('that floods its log fills no disk', async () => {
    const player = await mischief('floods-log', 'walker-4');
    const log = join(atlas.dir.logs, 'region-mid.log');
    await until('it is cut back', () => readFileSync(log).length < 9 * 1024 * 1024);
    await leave(player);
  });
});

describe('a start that cannot be', () => {
  const made: Installation[] = [];
  afterEach(async () => {
    for (const each of made.splice(0)) await each.destroy();
  }, DEADLINE_MS);

  async function refused(exit: number, words: RegExp, spoil: (bad: Installation) => unknown): Promise<void> {
    const bad = await Installation.make();
    made.push(bad);
    await spoil(bad);
    expect(await bad.refuse()).toBe(exit);
    expect(bad.output).toMatch(words);
    expect(bad.processes()).toEqual([]);
  }

  chapter('regions that overlap, and an empty one', async () => {
    const place = (minX: number, maxX: number) => ({ minX, maxX, minY: 0, maxY: 100 });
    const regions = [
      { id: 'a', bounds: place(0, 100) },
      { id: 'b', bounds: place(50, 150) },
      { id: 'c', bounds: place(200, 200) },
    ];
    await refused(
      3,
      /regions\[2\]\.bounds[\s\S]*is empty[\s\S]*regions\[1\]\.bounds[\s\S]*overlap[\s\S]*example[\s\S]*CONFIG_INVALID/,
      (bad) => bad.configure({ ...bad.config, world: { regions } }),
    );
  });

  chapter('a port of the API that is taken', () => portTaken('api', /PORT_IN_USE/));
  chapter('a port of the gateway that is taken', () => portTaken('gateway', /PORT_IN_USE/));

  async function portTaken(which: 'api' | 'gateway', words: RegExp): Promise<void> {
    const other = createServer();
    try {
      await refused(
        4,
        words,
        (bad) => new Promise<void>((resolve) => other.listen(bad.config[which].port, '127.0.0.1', resolve)),
      );
    } finally {
      other.close();
    }
  }

  chapter('a database that is damaged', () =>
    refused(1, /STORE_CORRUPT/, (bad) => {
      mkdirSync(bad.dir.root, { recursive: true });
      writeFileSync(bad.dir.database, 'no database at all '.repeat(500));
    }),
  );

  chapter('a database of a newer Atlas', () =>
    refused(1, /STORE_NEWER/, async (bad) => {
      await bad.start();
      expect(await bad.interrupt()).toBe(0);
      const database = new DatabaseSync(bad.dir.database);
      database.exec('PRAGMA user_version = 1000');
      database.close();
    }),
  );
});
