/**
 * `/play/`, and `/play/<name>/` of further pages: the game's own web client as it is found, under a policy that lets nothing run but its own files, and lets it talk to nobody but
 * this API and the gateways.
 */
import { errors } from '@horizon-atlas/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PlaySource } from './sources.ts';

export const playPath = '/play/';

export function addPlayPages(app: FastifyInstance, play: PlaySource): void {
  const policy = policyOf(play.connectSources);
  app.get('/play', (_request, reply) => reply.redirect(playPath, 308));
  // What a page names is relative to it.
  for (const name of play.pages) app.get(`${playPath}${name}`, (_request, reply) => reply.redirect(`${playPath}${name}/`, 308));
  app.get(`${playPath}*`, async (request, reply) => {
    const path = (request.url.split('?', 1)[0] ?? '').slice(playPath.length);
    const found = await play.page(path);
    reply.header('content-security-policy', policy).header('referrer-policy', 'same-origin');
    if (!found.ok) return refuse(reply, path, found);
    return answer(request, reply, found.file);
  });
}

/** Everything is the game's own: no inline script, no inline style, nobody else's page around it. */
function policyOf(connectSources: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' data: blob:",
    "worker-src 'self'",
    "manifest-src 'self'",
    ["connect-src 'self'", ...connectSources].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    type,
    body,
    tag,
    trouble,
  }: { readonly type: string; readonly body: Uint8Array; readonly tag: string; readonly trouble: boolean },
): FastifyReply {
  const quoted = `"${tag}"`;
  // Kept by the browser, but asked for each time: the next request after a change has the change.
  reply.header('cache-control', 'no-cache').header('etag', quoted);
  if (trouble) reply.header('x-atlas-trouble', 'true');
  if (request.headers['if-none-match'] === quoted && !trouble) return reply.code(304).send();
  return reply.type(type).send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}

/** People see a page, programs see a status. */
function refuse(
  reply: FastifyReply,
  path: string,
  { code, message }: { readonly code: keyof typeof errors; readonly message: string },
): FastifyReply {
  const status = code === 'NOT_FOUND' ? 404 : 409;
  if (path !== '' && !path.endsWith('/'))
    return reply.code(status).type('text/plain; charset=utf-8').send(`${code}: ${message}\n`);
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Play</title>
<link rel="icon" href="data:,">
<h1>${escaped(errors[code].text)}</h1>
<p>${escaped(message)}</p>
<p><code>${escaped(code)}</code> · <a href="/">Horizon Atlas</a></p>
</html>
`;
  return reply.code(status).type('text/html; charset=utf-8').send(page);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
