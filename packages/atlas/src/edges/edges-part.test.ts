import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noProbe } from '@horizon-atlas/runtime';
import { expect, it } from 'vitest';
import { checkConfig } from '../config.ts';
import { dataDirAt } from '../data-dir.ts';
import { readEdgeSettings } from './edge-settings.ts';
import { EdgesPart } from './edges-part.ts';

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
