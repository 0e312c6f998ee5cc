/** All tests of a gateway on real sockets once more, with the gateway in Bun: what holds must hold whoever makes the sockets. */
import { expect, test } from 'vitest';
import { findBun } from '../src/index.ts';

const found = findBun();
if ('program' in found) {
  process.env.ATLAS_TEST_ENGINE = 'bun';
  await import('./gateway.net.test.ts');
  await import('./plain.net.test.ts');
  await import('./tls.net.test.ts');
} else {
  if (!process.env.CI) console.warn(`SKIPPED: the gateway's tests in Bun. ${found.missing}`);
  test.skipIf(!process.env.CI)('Bun is there', () => expect(found).toHaveProperty('program'));
}
