/** Whose tokens players come with where they speak to the API: the same that gateways believe. */
import { makeTokenVerifier, type TokenSettings } from '@horizon-atlas/gateway';
import { AtlasError } from '@horizon-atlas/protocol';

/** Whose token it is, by what the gateways believe. Rejects when the identity provider does not answer. */
export function playerVerifier(auth: TokenSettings): (token: string) => Promise<string | undefined> {
  const verify = makeTokenVerifier({ ...auth, guests: false }, () => '');
  return async (token) => {
    const verdict = await verify(token);
    if (verdict.ok) return verdict.player;
    if (verdict.code === 'GATEWAY_BUSY') throw new AtlasError('GATEWAY_BUSY');
    return undefined;
  };
}
