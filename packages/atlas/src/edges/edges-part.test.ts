import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noProbe } from '@horizon-atlas/runtime';
import { expect, it } from 'vitest';
import { checkConfig } from '../config.ts';
import { dataDirAt } from '../data-dir.ts';
import { readEdgeSettings } from './edge-settings.ts';
import { type EdgesHost, EdgesPart } from './edges-part.ts';

it('what an edge reads is there before the first one starts', () => {
  const home = mkdtempSync(join(tmpdir(), 'edges-part-'));
  try {
    const dir = dataDirAt(home);
    mkdirSync(dir.run, { recursive: true });
    const fleets = [{ name: 'duel', command: ['true'], ports: [{ name: 'game', protocol: 'ws', edge: {} }] }];
    const checked = checkConfig({ fleets, edge: { engine: 'node', coalesceMs: 2 } }, join(home, 'atlas.config.ts'));
    if (!checked.ok) throw new Error(JSON.stringify(checked));
    const [role] = new EdgesPart(checked.config).roles(dir, noProbe);
    const { env } = role?.command('edge_0', { key: 'edge/0', role: 'edge', index: 0, region: '' }) ?? {};
    expect(readEdgeSettings(env?.ATLAS_EDGE ?? '')).toEqual({ folder: join(dir.run, 'edges'), host: '127.0.0.1', coalesceMs: 2 });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

it('a secret that cannot be had is refused, with what to do', async () => {
  const home = mkdtempSync(join(tmpdir(), 'edges-part-'));
  try {
    const front = { game: 'minecraft', forwarding: 'velocity', secretFile: './forwarding.secret' };
    const fleets = [{ name: 'lobby', command: ['true'], ports: [{ name: 'game', protocol: 'tcp', edge: { front } }] }];
    const secret = join(home, 'forwarding.secret');
    mkdirSync(secret);
    const checked = checkConfig({ fleets }, join(home, 'atlas.config.ts'));
    if (!checked.ok) throw new Error(JSON.stringify(checked));
    const part = new EdgesPart(checked.config);
    const open = () => part.open({ startTimeoutMsOf: () => undefined } as unknown as EdgesHost);
    const refused = (why: string) =>
      expect(open()).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(`${secret} ${why}`) });
    await refused('cannot be read (EISDIR)');
    rmdirSync(secret);
    writeFileSync(secret, ' \n');
    await refused('is empty');
    writeFileSync(secret, 'x'.repeat(257));
    await refused('has more than 256 bytes');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
