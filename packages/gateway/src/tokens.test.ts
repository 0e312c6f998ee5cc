import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { issueDevToken, makeTokenVerifier } from './tokens.ts';

const secret = 'a secret of at least thirty-two bytes';
const verify = makeTokenVerifier({ hs256Secret: secret, issuer: 'me', audience: 'game' }, () => 'guest_1');
const issue = (more: Partial<Parameters<typeof issueDevToken>[0]> = {}): Promise<string> =>
  issueDevToken({ secret, player: 'p1', issuer: 'me', audience: 'game', ...more });

test('a good token names the player', async () => {
  expect(await verify(await issue({ name: 'Ada' }))).toEqual({ ok: true, player: 'p1', name: 'Ada' });
  expect(await verify(await issue({ name: 'é'.repeat(40) }))).toEqual({ ok: true, player: 'p1', name: 'é'.repeat(32) });
});

test('a wrong, expired, foreign or half token is refused, and so is none', async () => {
  const refused = { ok: false, code: 'TOKEN_INVALID' };
  const bytes = new TextEncoder().encode(secret);
  const soon = Math.floor(Date.now() / 1000) + 60;
  expect(await verify('')).toEqual(refused);
  expect(await verify('nonsense')).toEqual(refused);
  expect(await verify((await issue()).slice(0, -3))).toEqual(refused);
  expect(await verify(await issue({ secret: `${secret}!` }))).toEqual(refused);
  expect(await verify(await issue({ validS: -10 }))).toEqual(refused);
  expect(await verify(await issue({ issuer: 'you' }))).toEqual(refused);
  expect(await verify(await issue({ audience: 'another' }))).toEqual(refused);
  expect(await verify(await issue({ player: '' }))).toEqual(refused);
  expect(await verify(await issue({ player: 'x'.repeat(65) }))).toEqual(refused);
  const endless = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('p1').setIssuer('me').setAudience('game');
  expect(await verify(await endless.sign(bytes))).toEqual(refused);
  const otherHash = new SignJWT({}).setProtectedHeader({ alg: 'HS512' }).setSubject('p1').setIssuer('me').setAudience('game');
  expect(await verify(await otherHash.setExpirationTime(soon).sign(bytes))).toEqual(refused);
});

test('guests come in where they may', async () => {
  const lenient = makeTokenVerifier({ hs256Secret: secret, guests: true }, () => 'guest_1');
  expect(await lenient('')).toEqual({ ok: true, player: 'guest_1', name: 'Guest' });
  expect(await lenient('nonsense')).toEqual({ ok: false, code: 'TOKEN_INVALID' });
});
