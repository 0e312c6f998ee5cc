import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultGatewayPolicy } from '@horizon-atlas/gateway';
import { afterAll, expect, it } from 'vitest';
import { type AtlasConfigInput, checkConfig } from './config.ts';
import { gatewayPolicyOf, readSettings, settingsOf, writeSettings } from './gateway-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'atlas-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'gateway.json');

function settings(gateway: AtlasConfigInput['gateway']) {
  const checked = checkConfig(
    {
      world: { regions: [{ id: 'a', bounds: { minX: 0, maxX: 1, minY: 0, maxY: 1 } }] },
      regionServer: { command: ['x'] },
      gateway,
    },
    join(folder, 'atlas.config.ts'),
  );
  if (!checked.ok) throw new Error('not accepted');
  return settingsOf(checked.config, 'the development secret', '/data/tls', ['movement/position_update']);
}

it('a gateway reads what the control plane wrote, and nobody else can', () => {
  const made = settings({ origins: ['https://a'], limits: { connections: 5 } });
  writeSettings(file, made);
  expect(readSettings(file)).toEqual(made);
  expect(statSync(file).mode & 0o077).toBe(0);
});

it('development tokens and certificates are what is used unless something else is configured', () => {
  expect(settings({})).toMatchObject({ auth: { hs256Secret: 'the development secret' }, tls: { devFolder: '/data/tls' } });
  const own = { auth: { jwksUrl: 'https://login.example.com/jwks' }, tls: { off: true as const } };
  expect(settings(own)).toMatchObject(own);
});

it('a file that is none is refused', () => {
  writeFileSync(file, '{"port":1}');
  expect(() => readSettings(file)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

it('limits of the configuration become departures from the policy', () => {
  expect(gatewayPolicyOf(settings({}))).toEqual({ ...defaultGatewayPolicy, listen: ['movement/position_update'] });
  const policy = gatewayPolicyOf(settings({ limits: { connections: 7, messagesPerSecond: 20 } }));
  expect(policy).toMatchObject({
    connectionsMax: 7,
    messagesPerConnection: { perS: 20, burst: defaultGatewayPolicy.heldCommandsMax },
  });
});
