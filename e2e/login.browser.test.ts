/**
 * Logging in to the console at an identity provider, as a person does: from the console's own page, there, and back. The provider is a real one in this
 * process; what it may say wrongly is tested in packages/control.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Chromium, withChromium } from './chromium.ts';
import { Installation } from './installation.ts';
import { DEADLINE_MS } from './until.ts';

const clientSecret = 'a-secret-that-only-this-test-knows';
const groupsOf: Readonly<Record<string, readonly string[]>> = { ada: ['operators'], eve: ['players'] };

/** Who the provider takes the browser for: its own login page is not what is tested here. */
let person = 'ada';
let providerServer: Server;
let issuer = '';
let atlas: Installation;
let chromium: Chromium;

beforeAll(async () => {
  if (!Chromium.isThere) return;
  providerServer = createServer();
  await new Promise<void>((done) => providerServer.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${(providerServer.address() as AddressInfo).port}`;
  atlas = await Installation.make({
    api: {
      auth: {
        oidc: {
          issuer,
          clientId: 'horizon-atlas',
          clientSecret,
          allow: [{ claim: 'groups', value: 'operators', scopes: ['operate'] }],
        },
      },
    },
  });
  provide(`http://127.0.0.1:${atlas.config.api.port}/api/v1/auth/callback`);
  await atlas.start();
  chromium = await Chromium.launch();
}, 2 * DEADLINE_MS);
afterAll(async () => {
  await chromium?.close();
  await atlas?.destroy();
  providerServer?.closeAllConnections();
  providerServer?.close();
}, DEADLINE_MS);

function provide(redirectUrl: string): void {
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'horizon-atlas', client_secret: clientSecret, redirect_uris: [redirectUrl] }],
    claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/person/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Name of ${id}`, groups: groupsOf[id] ?? [] }),
    }),
    pkce: { required: () => true },
  });
  const handle = provider.callback();
  providerServer.on('request', (request, response) => {
    if (!request.url?.startsWith('/person/')) return void handle(request, response);
    void decide(provider, request, response);
  });
}

/** What a person answers: that it is them, and that Atlas may know. */
async function decide(provider: Provider, ...[request, response]: Parameters<Provider['interactionDetails']>): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId: person } });
  const grant = new provider.Grant({ accountId: person, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  const consent = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, consent, { mergeWithLastSubmission: true });
}

const console_ = () => `http://127.0.0.1:${atlas.config.api.port}/`;

describe('logging in', () => {
  withChromium(
    'at an identity provider, and back to the console; out again, and nothing is shown',
    { timeout: 3 * DEADLINE_MS },
    async () => {
      person = 'ada';
      const page = await chromium.window(console_());
      page.setDefaultTimeout(DEADLINE_MS);
      await page.getByRole('link', { name: /log in/i }).click();
      await page.getByTitle(/^Log out .*ada/).waitFor();
      await page.getByRole('link', { name: 'Servers' }).first().click();
      await page.getByRole('row').filter({ hasText: 'ready' }).first().waitFor();
      await page.getByRole('button', { name: /log out/i }).click();
      await page.getByRole('link', { name: /log in/i }).waitFor();
      expect((await page.request.get(`${console_()}api/v1/servers`)).status()).toBe(401);
      // Of elsewhere only the provider is asked.
      const faults = chromium.faultsOf(page).filter((fault) => !fault.startsWith(`asked ${issuer}/`));
      expect(faults).toEqual([]);
    },
  );

  withChromium('somebody whom no rule lets in is told so', { timeout: 3 * DEADLINE_MS }, async () => {
    person = 'eve';
    const page = await chromium.window(console_());
    page.setDefaultTimeout(DEADLINE_MS);
    await page.getByRole('link', { name: /log in/i }).click();
    await page.getByText(/SCOPE_MISSING/).waitFor();
  });
});
