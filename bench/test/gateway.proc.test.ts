/** The whole `gateway` bench in miniature: every contestant takes everybody in and loses nothing. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PeerMissing } from '../src/bench.ts';
import { needPeers } from '../src/gateway/peers.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;

/** Where changes are judged a missing peer is a failure; elsewhere it is said aloud. */
function peersMissing(): boolean {
  try {
    needPeers();
    return false;
  } catch (error) {
    if (!(error instanceof PeerMissing) || process.env.CI) throw error;
    console.warn(`SKIPPED, the gateway bench is not tried: ${error.message}`);
    return true;
  }
}

describe.skipIf(peersMissing())('the gateway bench', () => {
  it('measures all contestants in all phases, and nothing is lost', { timeout: 120_000 }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'gateway', '--quick', '--json']);
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
      figures: Record<string, { median: number }>;
      bars: object[];
    };
    expect(report.bars).toEqual([{ name: 'lost', value: 0, limit: 0, ok: true }]);
    const rates = Object.entries(report.figures).filter(([name]) => name.endsWith('messages a second'));
    expect(rates.map(([name]) => name.split(' ')[0]).sort()).toEqual(
      ['atlas', 'atlas', 'atlas', 'atlas', 'haproxy', 'haproxy', 'haproxy', 'nginx', 'nginx', 'nginx'].sort(),
    );
    for (const [name, { median }] of rates) expect(median, name).toBeGreaterThan(100);
  });
});

describe('a proxy that is not installed', () => {
  it('is named together with the package that brings it', () => {
    expect(() => needPeers(['/nowhere'])).toThrow(/haproxy is missing.*the Debian package haproxy/);
  });
});
