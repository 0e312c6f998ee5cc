import { describe, expect, it } from 'vitest';
import { happeningOf } from './happening.ts';

describe('what is worth a line', () => {
  it.each([
    ['region.active', { region: 'alpha', server: 's', epoch: 3, afterMs: 412.4 }, 'good', 'alpha is awake'],
    [
      'server_failed',
      { post: 'region/alpha', server: 's', code: 'SERVER_CRASHED', message: 'ended by SIGKILL' },
      'bad',
      'region/alpha: ended by SIGKILL (SERVER_CRASHED), see logs/region-alpha.log',
    ],
    ['atlas_store_failed', { file: '/x', message: 'disk full' }, 'bad', 'store failed, file /x, message disk full'],
    ['companion_ended', { name: 'bots', how: 'exit code 1' }, 'bad', 'bots ended (exit code 1), starts again in ? ms'],
  ])('%s', (name, fields, tone, text) => expect(happeningOf(name, fields, 7)).toEqual({ atMs: 7, tone, text }));

  it('is not what happens all the time', () => {
    for (const name of ['handoff.done', 'server_state', 'fleet_adopted', 'server.ignored']) {
      expect(happeningOf(name, {}, 0)).toBeUndefined();
    }
  });
});
