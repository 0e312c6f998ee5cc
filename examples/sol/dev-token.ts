/** A token such as a login server would give, signed with the secret of a development installation. Never for production. */
import { createHmac } from 'node:crypto';

const LIFE_S = 3600;

/** A JWT (RFC 7519), HS256. */
export function devToken(secret: string, player: string, name: string): string {
  const nowS = Math.floor(Date.now() / 1000);
  const claims = { sub: player, name, iat: nowS, exp: nowS + LIFE_S };
  const text = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
