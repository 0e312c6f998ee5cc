/**
 * Game clients in browsers come from their game's own site, with their player's token: the part of the API that is open to players answers such pages
 * (CORS). Nothing of it goes by cookies, so a page can do no more than whoever gave it the token.
 */
import type { FastifyInstance } from 'fastify';

/** The part of the API that players may call. */
export function isPlayPath(url: string): boolean {
  return url.startsWith('/api/v1/matchmaking/');
}

/** @param allowed undefined: any page */
export function playOriginAllowed(origin: string | undefined, allowed: readonly string[] | undefined): boolean {
  return origin !== undefined && (allowed === undefined || allowed.includes(origin));
}

export function addPlayOrigins(app: FastifyInstance, allowed: readonly string[] | undefined): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined || !isPlayPath(request.url)) return done();
    reply.header('vary', 'origin');
    if (!playOriginAllowed(origin, allowed)) return done();
    reply.header('access-control-allow-origin', origin);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return done();
    void reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key',
        'access-control-max-age': '600',
      })
      .send();
  });
}
