import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type AtlasConfigInput, type CheckedConfig, checkConfig, formatComplaints, type Override } from './config.ts';
import { loadConfig } from './load-config.ts';

const home = mkdtempSync(join(tmpdir(), 'atlas-config-'));
const file = join(home, 'atlas.config.ts');
writeFileSync(join(home, 'region.ts'), '');
afterAll(() => rmSync(home, { recursive: true }));

const box = (minX: number, maxX: number) => ({ minX, maxX, minY: 0, maxY: 1000 });
const good = {
  world: {
    regions: [
      { id: 'alpha', bounds: box(0, 1000) },
      { id: 'beta', bounds: box(1000, 2000) },
    ],
  },
  regionServer: { entry: './region.ts' },
} satisfies AtlasConfigInput;

function accepted(input: unknown, overrides: Override[] = []): Extract<CheckedConfig, { ok: true }>['config'] {
  const checked = checkConfig(input, file, overrides);
  if (!checked.ok) throw new Error(formatComplaints(file, checked.complaints));
  return checked.config;
}

describe('a configuration', () => {
  it('needs only a world and what runs it', () => {
    const config = accepted(good);
    expect(config).toMatchObject({
      file,
      dataDir: join(home, '.atlas'),
      api: { host: '127.0.0.1', port: 7700 },
      gateway: { listen: '127.0.0.1', port: 7777, count: 1, tls: { dev: true }, auth: { dev: true } },
      world: { spawn: { region: 'alpha' }, regions: [{ name: 'alpha', bounds: { minZ: -1e6 } }, {}] },
      regionServer: { argv: [process.execPath, join(home, 'region.ts')], cwd: home, spares: 0 },
      companions: [],
    });
  });

  it('survives the way to another process', () => {
    const config = accepted(good);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });

  it('takes a command as it is', () =>
    expect(accepted({ ...good, regionServer: { command: ['./srv', '-q'], args: ['x'] } }).regionServer.argv).toEqual([
      './srv',
      '-q',
      'x',
    ]));

  it('gives way to the command line', () =>
    expect(accepted(good, [{ path: 'api.port', value: 8800, from: '--api-port' }]).api.port).toBe(8800));

  it('is imported from TypeScript, and from JSON', async () => {
    writeFileSync(file, `const home: string = ${JSON.stringify(JSON.stringify(good))}; export default JSON.parse(home);`);
    writeFileSync(join(home, 'atlas.json'), JSON.stringify(good));
    const fromTs = await loadConfig(file);
    const fromJson = await loadConfig(join(home, 'atlas.json'));
    expect({ ...fromTs, file: '' }).toEqual({ ...fromJson, file: '' });
  });

  it.each([
    ['nowhere.ts', 'CONFIG_NOT_FOUND', 'there is no configuration at'],
    ['broken.json', 'CONFIG_INVALID', 'cannot be read'],
    ['empty.ts', 'CONFIG_INVALID', 'no default export'],
    ['throws.ts', 'CONFIG_INVALID', 'my own fault'],
  ])('that cannot be had says so: %s', async (name, code, message) => {
    writeFileSync(join(home, 'broken.json'), '{');
    writeFileSync(join(home, 'empty.ts'), 'export const x = 1;');
    writeFileSync(join(home, 'throws.ts'), "throw new Error('my own fault');");
    await expect(loadConfig(join(home, name))).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('a wrong configuration', () => {
  const two = good.world.regions;
  const wrong: [string, unknown, { path: string; expected?: string; found?: string; example?: string }][] = [
    ['nothing at all', undefined, { path: '', expected: 'a configuration made by defineAtlas', found: 'nothing' }],
    ['no world', { regionServer: good.regionServer }, { path: 'world', found: 'nothing' }],
    [
      'no regions',
      { ...good, world: { regions: [] } },
      { path: 'world.regions', expected: 'a list of 1 to 4096 regions', found: '[]' },
    ],
    [
      'a text for a number',
      { ...good, api: { port: '7700' } },
      { path: 'api.port', expected: 'a port from 1 to 65535, or 0 for any free one', found: '"7700"', example: '7700' },
    ],
    ['a port beyond all ports', { ...good, gateway: { port: 70_000 } }, { path: 'gateway.port', found: '70000' }],
    [
      'NaN as a border',
      { ...good, world: { regions: [{ id: 'a', bounds: box(0, Number.NaN) }] } },
      { path: 'world.regions[0].bounds.maxX', found: 'NaN' },
    ],
    [
      'a misspelt name',
      { ...good, gatway: {} },
      { path: 'gatway', expected: 'gateway; there is no gatway', found: '{}', example: 'gateway: { … }' },
    ],
    ['a name nobody knows', { ...good, api: { colour: 1 } }, { path: 'api.colour', expected: 'one of host, port, names, auth' }],
    [
      'an empty region',
      { ...good, world: { regions: [{ id: 'a', bounds: box(5, 5) }] } },
      {
        path: 'world.regions[0].bounds',
        expected: 'a region with a size: min below max on each axis',
        found: expect.stringContaining('x 5 to 5') as string,
      },
    ],
    [
      'overlapping regions',
      { ...good, world: { regions: [two[0], { id: 'beta', bounds: box(900, 2000) }] } },
      {
        path: 'world.regions[1].bounds',
        expected: 'regions that do not overlap, because a place has one owner; they may touch',
        found: expect.stringContaining('regions "alpha" and "beta" overlap: x 0 to 1000') as string,
        example: '{ minX: 1000, maxX: 2000, minY: 0, maxY: 1000 }',
      },
    ],
    [
      'one id for two regions',
      { ...good, world: { regions: [two[0], { ...two[1], id: 'alpha' }] } },
      { path: 'world.regions[1].id', expected: 'an id of its own for each region', example: "'alpha-2'" },
    ],
    [
      'a spawn region that is none',
      { ...good, world: { ...good.world, spawn: { region: 'gamma' } } },
      { path: 'world.spawn.region', expected: "one of 'alpha', 'beta'", found: "'gamma'", example: "'alpha'" },
    ],
    ['an entry and a command', { ...good, regionServer: { entry: './region.ts', command: ['x'] } }, { path: 'regionServer' }],
    [
      'a file that is not there',
      { ...good, regionServer: { entry: './regoin.ts' } },
      { path: 'regionServer.entry', expected: 'a file that exists' },
    ],
    [
      'a secret that is none',
      { ...good, gateway: { auth: { hs256Secret: 'short' } } },
      { path: 'gateway.auth.hs256Secret', found: 'a text of 5 characters' },
    ],
    [
      'API and gateway on one port',
      { ...good, api: { port: 7778 }, gateway: { count: 2 } },
      { path: 'api.port', example: '7779' },
    ],
    ['more gateways than ports', { ...good, gateway: { port: 65_535, count: 2 } }, { path: 'gateway.port', example: '65534' }],
    [
      'a misspelt policy',
      { ...good, handoff: { repeatMS: 5 } },
      { path: 'handoff.repeatMS', expected: 'repeatMs; there is no repeatMS', example: 'repeatMs: 100' },
    ],
    [
      'a number where the policy says yes or no',
      { ...good, handoff: { warmNeighbours: 1 } },
      { path: 'handoff.warmNeighbours', expected: 'a boolean, by default true', found: '1' },
    ],
    ['a function where data belongs', { ...good, sleepAfterMs: () => 1 }, { path: 'sleepAfterMs', found: 'a function' }],
  ];

  it.each(wrong)('%s', (_name, input, expected) => {
    const checked = checkConfig(input, file);
    if (checked.ok) throw new Error('it was accepted');
    expect(checked.complaints).toHaveLength(1);
    expect(checked.complaints[0]).toMatchObject({ from: file, ...expected });
    expect(checked.complaints[0]?.example).not.toBe('');
  });

  it('tells everything at once, with the origin of each value', () => {
    const checked = checkConfig({ ...good, world: { regions: [] }, tickHz: 0 }, '/home/me/atlas.config.ts', [
      { path: 'api.port', value: -1, from: '--api-port' },
    ]);
    if (checked.ok) throw new Error('it was accepted');
    expect(formatComplaints('/home/me/atlas.config.ts', checked.complaints)).toMatchInlineSnapshot(`
      "3 things are wrong in /home/me/atlas.config.ts

        api.port  (from --api-port)
          expected  a port from 1 to 65535, or 0 for any free one
          found     -1
          example   7700

        world.regions
          expected  a list of 1 to 4096 regions
          found     []
          example   [{ id: 'alpha', bounds: { minX: 0, maxX: 1000, minY: 0, maxY: 1000 } }]

        tickHz
          expected  ticks a second from 1 to 128
          found     0
          example   30"
    `);
  });
});
