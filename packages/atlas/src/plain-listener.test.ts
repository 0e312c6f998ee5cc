import { describe, expect, it } from 'vitest';
import { type AtlasConfigInput, checkConfig } from './config.ts';
import { settingsOf } from './gateway-settings.ts';
import { plainListenerOf, plainUrlOf, plainUrls } from './plain-listener.ts';

type GatewayInput = NonNullable<AtlasConfigInput['gateway']>;

function check(gateway: GatewayInput, api: AtlasConfigInput['api'] = {}) {
  const world = { regions: [{ id: 'a', bounds: { minX: 0, maxX: 1, minY: 0, maxY: 1 } }] };
  return checkConfig({ world, regionServer: { command: ['x'] }, gateway, api }, '/game/atlas.config.ts');
}

function accepted(gateway: GatewayInput, api: AtlasConfigInput['api'] = {}) {
  const checked = check(gateway, api);
  if (!checked.ok) throw new Error(`not accepted: ${JSON.stringify(checked.complaints)}`);
  return checked.config;
}

describe('the plain listener', () => {
  it('is there in development, a thousand ports above the gateways', () => {
    const { gateway } = accepted({ count: 2 });
    expect(plainUrls(gateway)).toEqual(['ws://127.0.0.1:8777', 'ws://127.0.0.1:8778']);
    expect(plainUrlOf(gateway, 'wss://127.0.0.1:7778')).toBe('ws://127.0.0.1:8778');
    expect(plainUrlOf(gateway, 'wss://127.0.0.1:9000')).toBe('');
    expect(plainUrlOf(gateway, '')).toBe('');
    expect(plainListenerOf(accepted({ port: 65_400 }).gateway)).toMatchObject({ port: 64_400 });
  });

  it('lets in pages of the API and those that are configured', () => {
    const { plain } = settingsOf(accepted({ plain: { origins: ['http://localhost:5173'] } }, { port: 7801 }), 's', '/tls', []);
    expect(plain).toEqual({
      port: 8777,
      origins: ['http://127.0.0.1:7801', 'http://localhost:7801', 'http://[::1]:7801', 'http://localhost:5173'],
      gateways: ['ws://127.0.0.1:8777'],
    });
  });

  it.each<[string, GatewayInput]>([
    ['it is turned off', { plain: false }],
    ['the gateway listens to the world', { listen: '0.0.0.0' }],
    ['there is no TLS that a browser could refuse', { tls: { off: true } }],
    ['any port is as good as another, and nobody asked for it', { port: 0 }],
  ])('is not there when %s', (_why, gateway) => {
    const config = accepted(gateway);
    expect(plainListenerOf(config.gateway)).toBeUndefined();
    expect(settingsOf(config, 's', '/tls', []).plain).toBeUndefined();
  });

  it.each<[string, GatewayInput, AtlasConfigInput['api'], { path: string; found: string; example: string }]>([
    [
      'outside of loopback',
      { listen: '0.0.0.0', plain: {} },
      {},
      {
        path: 'gateway.plain',
        found: 'gateway.listen is 0.0.0.0, and plain connections stay on this machine',
        example: 'plain: false',
      },
    ],
    [
      'on the port of the API',
      { count: 3 },
      { port: 8779 },
      { path: 'gateway.plain.port', found: '8777 to 8779', example: '8780' },
    ],
    [
      'on the port of a gateway',
      { count: 2, plain: { port: 7778 } },
      {},
      { path: 'gateway.plain.port', found: '7778 to 7779', example: '7779' },
    ],
  ])('is refused %s', (_where, gateway, api, complaint) => {
    expect(check(gateway, api)).toMatchObject({ ok: false, complaints: [complaint] });
  });
});
