/** What a person finds: the dashboard at the root, or a signpost where there is none, and the API's pages at /docs. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ApiContext } from './context.ts';
import { Pages, securityHeaders } from './pages.ts';
import { Refused } from './problems.ts';

const tells: Readonly<Record<string, string>> = {
  '/': 'this list, and the dashboard for a browser',
  '/api/v1/status': 'regions, servers, gateways, players and handoffs',
  '/api/v1/openapi.json': 'all that the API has, for machines',
  '/docs': 'the same for people',
  '/metrics': 'figures for Prometheus',
  '/healthz': '200 while this process answers',
  '/readyz': '200 once players can join',
};

export function addFront(app: FastifyInstance, context: ApiContext): void {
  const dashboard = dashboardOf(context);
  app.get('/', async (request, reply) => {
    const { version } = context.deps.status();
    const wantsPage = String(request.headers.accept ?? '').includes('text/html');
    if (!wantsPage) return { name: 'Horizon Atlas', version, paths: tells };
    const pages = await dashboard();
    return pages ? pages.answer(request, reply, '') : sendPage(reply, signpost(version));
  });
  app.get('/docs', async (_request, reply) => {
    const { docsPage } = await import('./docs-page.ts');
    return sendPage(reply, docsPage(context.deps.status().version));
  });
  app.get('/docs/style.css', async (_request, reply) => {
    const { docsStyle } = await import('./docs-page.ts');
    return reply.headers(securityHeaders([])).header('cache-control', 'no-cache').type('text/css; charset=utf-8').send(docsStyle);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (path in tells) {
      throw new Refused('METHOD_NOT_ALLOWED', `${path} answers GET, not ${request.method}`, { headers: { allow: 'GET, HEAD' } });
    }
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !path.startsWith('/api/');
    const pages = isPage ? await dashboard() : undefined;
    if (pages) return pages.answer(request, reply, path.slice(1));
    throw new Refused('NOT_FOUND', `${path} does not exist; GET / lists what does`);
  });
}

/** undefined: there is none, or it could not be built; then it is tried again the next time. */
function dashboardOf({ policy, deps }: ApiContext): () => Promise<Pages | undefined> {
  let known: Pages | undefined;
  return async () => {
    if (!policy.dashboard) return undefined;
    try {
      const folder = await policy.dashboard();
      if (known?.folder !== folder) known = new Pages({ folder });
      return known.isBuilt ? known : undefined;
    } catch (error) {
      deps.onFault({ method: 'GET', path: '/', error });
      return undefined;
    }
  };
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.headers(securityHeaders([])).header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(html);
}

function signpost(version: string): string {
  const rows = Object.entries(tells).map(([path, what]) => `<li><a href="${path}">${path}</a>: ${what}</li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Horizon Atlas</title>
<link rel="stylesheet" href="/docs/style.css"></head><body><h1>Horizon Atlas <small>${version}</small></h1>
<p>It runs. The dashboard is not here: in a checkout <code>npm install</code> brings what builds it, and the log of Atlas says why it could not be built.</p>
<ul>${rows.join('')}</ul></body></html>
`;
}
