/** A match server's link over a real socket, and a control plane of the test's own at its other end. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLinks } from '@horizon-atlas/adapter-link';
import type { Link, LinkListener } from '@horizon-atlas/ports';
import { ControlToMatchServer, LINK_PROTOCOL, MatchServerToControl } from '@horizon-atlas/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hostClock } from '../src/host-clock.ts';
import { connect, type MatchServer } from '../src/index.ts';

let dir = '';
let control: ControlPlane;
let server: MatchServer;

/** Takes one link after the other, and keeps what came by each. */
class ControlPlane {
  readonly said: MatchServerToControl[][] = [];
  readonly address = `unix:${join(dir, 'matches.sock')}`;
  #link: Link | undefined;
  #listener: LinkListener | undefined;
  #wake: (() => void)[] = [];

  async up(): Promise<void> {
    this.#listener = await makeLinks({ clock: hostClock }).listen(this.address, (link) => {
      this.#link = link;
      const said: MatchServerToControl[] = [];
      this.said.push(said);
      link.onFrame((frame) => {
        const message = MatchServerToControl.decode(frame);
        if (!message) throw new Error('a malformed message');
        said.push(message);
        if (message.kind === 'hello') this.tell({ kind: 'hello', version: LINK_PROTOCOL, keys: '{"keys":[]}' });
        for (const wake of this.#wake.splice(0)) wake();
      });
    });
  }

  async down(): Promise<void> {
    this.lose();
    await this.#listener?.close();
  }

  tell(message: ControlToMatchServer): void {
    this.#link?.send(ControlToMatchServer.encode(message));
  }

  lose(): void {
    this.#link?.close({ code: 'LINK_LOST', message: 'the test says so' });
  }

  /** What came by a link up to the first word of that kind. */
  async heard(link: number, last: MatchServerToControl['kind']): Promise<readonly MatchServerToControl[]> {
    const deadline = AbortSignal.timeout(5000);
    while (!this.said[link]?.some(({ kind }) => kind === last)) {
      await new Promise<void>((resolve, reject) => {
        this.#wake.push(resolve);
        deadline.onabort = () => reject(new Error(`${last} did not come by link ${link}`));
      });
    }
    return this.said[link];
  }
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'atlas-match-'));
  control = new ControlPlane();
  await control.up();
  server = await connect({ env: { ATLAS_SERVER_ID: 'arena_1', ATLAS_CONTROL: control.address }, signals: false });
});

afterEach(async () => {
  await server.shutdown();
  await control.down();
  rmSync(dir, { recursive: true, force: true });
});

const kinds = (words: readonly MatchServerToControl[]) => words.map(({ kind }) => kind);

it('says by a new link what holds on: a former one may have lost it', async () => {
  const outcome = server.ready();
  control.tell({ kind: 'session', requestId: 'r1', players: ['ann', 'bo'], session: '' });
  expect(await outcome).toBe('allocated');
  const { value: session } = await server.sessions().next();
  session?.active();
  server.joined('ann');
  server.joined('bo');
  server.left('bo');
  await control.heard(0, 'left');
  control.lose();
  expect(await control.heard(1, 'players')).toEqual([
    { kind: 'hello', server: 'arena_1', version: LINK_PROTOCOL, pid: process.pid, sessions: ['r1'] },
    { kind: 'ready' },
    { kind: 'active', requestId: 'r1' },
    { kind: 'players', count: 1, capacity: undefined, names: ['ann'] },
  ]);
});

it('says nothing more of a session that is over, and is not ready while it keeps itself', async () => {
  const outcome = server.ready();
  control.tell({ kind: 'session', requestId: 'r1', players: [], session: '' });
  await outcome;
  const { value: session } = await server.sessions().next();
  session?.active();
  const end = session?.end({ winner: 'blue' });
  await control.heard(0, 'ended');
  control.lose();
  expect(kinds(await control.heard(1, 'ended'))).toEqual(['hello', 'ready', 'ended']);
  control.tell({ kind: 'endedAck', requestId: 'r1' });
  await end;
  server.reserve(0);
  await control.heard(1, 'reserve');
  control.lose();
  await control.heard(2, 'hello');
  server.label('map', 'yard');
  expect(kinds(await control.heard(2, 'label'))).toEqual(['hello', 'label']);
  void server.ready();
  expect(kinds(await control.heard(2, 'ready'))).toEqual(['hello', 'label', 'ready']);
});

it('hears who was filled in once, and advertises free places again by each new link until the session is over', async () => {
  const outcome = server.ready();
  const first = { kind: 'session', requestId: 'r1', players: ['ann', 'bo'], session: '{"map":"yard"}' } as const;
  control.tell({ ...first, players: [...first.players] });
  await outcome;
  const { value: session } = await server.sessions().next();
  if (!session) throw new Error('it was given a session');
  const changes: (readonly string[])[] = [];
  const changed = new Promise<void>((resolve) =>
    session.onChanged(({ players }) => {
      changes.push(players);
      resolve();
    }),
  );
  session.playersLeft('bo');
  session.openPlaces();
  await control.heard(0, 'places');
  expect(control.said[0]?.slice(-2)).toEqual([
    { kind: 'gone', requestId: 'r1', players: ['bo'] },
    { kind: 'places', requestId: 'r1', open: true },
  ]);
  // The same again, as after a hello, is no change.
  control.tell({ ...first, players: [...first.players] });
  control.tell({ ...first, players: ['ann', 'eve'], session: '{"map":"new"}' });
  await changed;
  expect(changes).toEqual([['ann', 'eve']]);
  expect(session.data).toEqual({ map: 'new' });
  control.lose();
  expect(kinds(await control.heard(1, 'places'))).toEqual(['hello', 'ready', 'places']);
  void session.end();
  await control.heard(1, 'ended');
  control.lose();
  expect(kinds(await control.heard(2, 'ended'))).toEqual(['hello', 'ready', 'ended']);
});

/** Tells the server of a key; answers what makes tokens with it. */
function tokens(): (mat: string) => string {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (mat: string) => {
    const text = `${part({ alg: 'EdDSA', kid: 'k' })}.${part({ sub: 'ann', srv: 'arena_1', mat, team: 'red', exp: Date.now() / 1000 + 60 })}`;
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] });
  control.tell({ kind: 'hello', version: LINK_PROTOCOL, keys });
  return token;
}

it('lets a player wait who is here before word of his match is', async () => {
  const token = tokens();
  control.tell({ kind: 'session', requestId: 'r0', players: ['bo'], session: '' });
  await server.ready();
  expect(server.admit(token('r1'))).toMatchObject({ ok: false, unheard: true });
  const admitted = server.admitted(token('r1'), 60_000);
  control.tell({ kind: 'session', requestId: 'r1', players: ['ann'], session: '' });
  expect(await admitted).toEqual({ ok: true, player: 'ann', team: 'red', session: 'r1' });
  expect(await server.admitted(token('r2'), 1)).toMatchObject({ ok: false, unheard: true });
  expect(await server.admitted('nonsense', 60_000)).toMatchObject({ ok: false, unheard: false });
});

it('lets the player of the next match wait until the one before is put away', async () => {
  const token = tokens();
  const sessions = server.sessions();
  control.tell({ kind: 'session', requestId: 'r1', players: ['bo'], session: '' });
  const { value: first } = await sessions.next();
  void first?.end();
  await control.heard(0, 'ended');
  // Given anew before its end is acknowledged, and with its player at the door.
  control.tell({ kind: 'session', requestId: 'r2', players: ['ann'], session: '' });
  const steps: string[] = [];
  const admitted = server.admitted(token('r2'), 60_000).then(({ ok }) => steps.push(`admitted ${ok}`));
  while (!server.admit(token('r2')).ok) await new Promise((resolve) => setImmediate(resolve));
  steps.push('heard of');
  const { value: second } = await sessions.next();
  steps.push(`playing ${second?.id}`);
  await admitted;
  expect(steps).toEqual(['heard of', 'playing r2', 'admitted true']);
});
