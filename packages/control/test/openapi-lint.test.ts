/** The API's document as an independent linter sees it. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, it } from 'vitest';
import { apiDocument } from '../src/openapi.ts';

it("the API's document has no error by Redocly's recommended rules, and every operation a summary and its security", async () => {
  const config = await createConfig({
    extends: ['recommended'],
    rules: { 'operation-summary': 'error', 'security-defined': 'error', 'operation-description': 'error' },
  });
  const find = (document: object) => lintFromString({ source: JSON.stringify(document), config });
  const document = apiDocument('0.1.0');
  const problems = await find(document);
  const errors = problems.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`)).toEqual([]);
  // It would tell.
  const spoilt = await find({ ...document, paths: { '/x': { get: { responses: {} } } } });
  expect(spoilt.map(({ ruleId }) => ruleId)).toContain('operation-summary');
});
