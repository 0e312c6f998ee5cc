import { describe, expect, it } from 'vitest';
import { fixture } from '../test/fixture.ts';
import { docsPage } from './docs-page.ts';
import { endpoints } from './endpoints.ts';
import { apiDocument } from './openapi.ts';

describe("the API's document", () => {
  it('is served, and has every endpoint', async () => {
    const { control } = fixture();
    const answer = await control.inject('/api/v1/openapi.json');
    const { paths } = answer.json<{ paths: Record<string, object> }>();
    const told = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    expect(told.sort()).toEqual(
      endpoints.map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`).sort(),
    );
    await control.close();
  });

  it('names every operation once, and says what each may refuse', () => {
    const operations = Object.values(apiDocument('0.1.0').paths).flatMap((methods) => Object.values(methods));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { responses } of operations) expect(Object.keys(responses).some((status) => status.startsWith('4'))).toBe(true);
  });
});

describe('the page at /docs', () => {
  it('has every operation, runs no script, and asks nobody else for anything', async () => {
    const { control } = fixture();
    const page = await control.inject('/docs');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(page.body).not.toMatch(/<script|style=|https?:\/\//);
    for (const { name, path } of endpoints) {
      expect(page.body).toContain(`id="${name}"`);
      expect(page.body).toContain(path.replace(/:(\w+)/g, '{$1}'));
    }
    expect((await control.inject('/docs/style.css')).headers['content-type']).toMatch('text/css');
    await control.close();
  });

  it('is the same for a name with markup in it', () => expect(docsPage('<b>')).not.toContain('<b></small>'));
});
