/** Kubernetes' own client takes a game server, as users of Agones do. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Fixture, fixture } from './fixture.ts';
import { SmallFleets } from './small-fleets.ts';

const kubectl = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'kubectl'))
  .find(existsSync);
if (!kubectl && !process.env.CI) console.warn('SKIPPED: no kubectl; on Debian: apt-get install kubernetes-client');

const home = mkdtempSync(join(tmpdir(), 'kubectl-'));
let made: Fixture | undefined;
afterEach(async () => {
  await made?.control.close();
  rmSync(home, { recursive: true, force: true });
});

it.skipIf(!kubectl && !process.env.CI)(
  'kubectl creates a GameServerAllocation, and reads its status',
  async () => {
    const fleets = new SmallFleets();
    made = fixture({ sources: { fleets } });
    const server = await made.control.listen();
    const file = join(home, 'allocation.json');
    const asked = { apiVersion: 'allocation.agones.dev/v1', kind: 'GameServerAllocation', spec: { scheduling: 'Distributed' } };
    writeFileSync(file, JSON.stringify(asked));
    const create = ['--server', server, 'create', '--validate=false', '-f', file, '-o', 'json'];
    const { metadata, status } = JSON.parse(await run(create));
    expect(metadata).toMatchObject({ name: 'arena_1', namespace: 'default' });
    expect(status).toMatchObject({ state: 'Allocated', gameServerName: 'arena_1', ports: [{ name: 'game', port: 7000 }] });
    expect(fleets.asked).toMatchObject([{ scheduling: 'Distributed' }]);
    fleets.refusal = { ok: false, code: 'FLEET_UNKNOWN', message: 'there is no fleet "duel"', etaMs: undefined };
    await expect(run(create)).rejects.toThrow('there is no fleet "duel"');
  },
  60_000,
);

/** What it printed; rejects with what it complained of. */
async function run(args: readonly string[]): Promise<string> {
  const child = spawn(kubectl ?? 'kubectl', args, { env: { PATH: process.env.PATH, HOME: home } });
  let [printed, complained] = ['', ''];
  child.stdout.on('data', (data) => {
    printed += data;
  });
  child.stderr.on('data', (data) => {
    complained += data;
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(complained);
  return printed;
}
