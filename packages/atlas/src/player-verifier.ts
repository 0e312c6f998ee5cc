/** Whose tokens players come with where they speak to the API: the same that gateways believe. */
import type { TokenSettings } from '@horizon-atlas/gateway';
import { AtlasError } from '@horizon-atlas/protocol';

/** Whose token it is, by what the gateways believe. Rejects when the identity provider does not answer. */
export function playerVerifier(auth: TokenSettings): (token: string) => Promise<string | undefined> {
  // Loaded with the first token: most that the API answers needs none.
  const load = async () =>
    (await import('@horizon-atlas/gateway/tokens')).makeTokenVerifier({ ...auth, guests: false }, () => '');
  let verifier: ReturnType<typeof load> | undefined;
  return async (token) => {
    verifier ??= load();
    const verdict = await (await verifier)(token);
    if (verdict.ok) return verdict.player;
    if (verdict.code === 'GATEWAY_BUSY') throw new AtlasError('GATEWAY_BUSY');
    return undefined;
  };
}
