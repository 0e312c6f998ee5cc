import { expect, it } from 'vitest';
import { Requester } from './request.ts';

it.each([
  ['http://127.0.0.1:7700', 'no Atlas answers at http://127.0.0.1:7700: '],
  // A page asks where it came from, and names no address.
  ['', 'no Atlas answers at the address of this page: '],
])('where nobody answers at %j, it says so', async (url, says) => {
  const refused = async (): Promise<Response> => {
    throw new TypeError('Failed to fetch');
  };
  const requester = new Requester({ url, token: undefined, fetch: refused, timeoutMs: 1000 });
  await expect(requester.json('/api/v1/status')).rejects.toMatchObject({
    code: 'NOT_RUNNING',
    message: expect.stringContaining(says),
  });
});
