import { describe, expect, it } from 'vitest';
import { eventOf, lineOf } from './sentences.ts';

describe('the table of sentences', () => {
  it('keeps what the terminal leaves out', () => {
    const fields = { group: 1, who: 'Ada', player: 'ada', source: 'a', target: 'b', frozenMs: 12.34 };
    expect(lineOf('handoff.done', fields, 0)).toBeUndefined();
    expect(eventOf('handoff.done', fields, 5, (region) => ({ a: 'Alpha', b: 'Beta' })[region])).toEqual({
      atMs: 5,
      type: 'handoff.done',
      tone: 'plain',
      text: 'Ada crossed from Alpha to Beta (frozen 12.3 ms)',
      region: 'b',
      server: '',
      player: 'ada',
      fields,
    });
  });

  it.each([
    ['server_state', { post: 'region/a', server: 's', to: 'ready' }, 'server.ready', 'region/a is ready'],
    ['server_state', { post: 'gateway/0', to: 'unhealthy', gateway: true }, 'gateway.down', 'gateway/0 has fallen silent'],
    ['region.active', { region: 'a', recovered: true, afterMs: 812 }, 'region.recovered', 'a is back after 0.8 s'],
    ['handoff.failed', { how: 'rolled-back', why: 'no-room' }, 'handoff.rolled-back', undefined],
    ['player.left', { name: '<b>', code: 'IDLE_TIMEOUT' }, 'player.left', '<b> left (IDLE_TIMEOUT)'],
    ['atlas_store_failed', { message: 'disk full' }, 'trouble.store_failed', 'store failed, message disk full'],
  ])('%s %j', (name, fields, type, text) => {
    const event = eventOf(name, fields, 0);
    expect(event?.type).toBe(type);
    if (text !== undefined) expect(event?.text).toBe(text);
  });

  it('keeps nothing of a post that nobody waits for, nor of what is no trouble', () => {
    expect(eventOf('server_state', { to: 'scheduled' }, 0)).toBeUndefined();
    expect(eventOf('fleet_adopted', {}, 0)).toBeUndefined();
    expect(eventOf('constructor', {}, 0)).toBeUndefined();
  });

  it('tells fields that JSON can take', () => {
    const event = eventOf('api_failed', { error: new Error('oh'), n: 5n, ms: Number.NaN }, 0);
    expect(event?.fields).toEqual({ error: 'oh', n: '5', ms: null });
  });
});
