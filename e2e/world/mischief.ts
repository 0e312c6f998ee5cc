/**
 * A region server that may be a bad one: the next process that starts takes the file that ATLAS_E2E_MISCHIEF names and is what it says;
 * all others are good.
 *
 *   never-ready   runs, and never dials the control plane
 *   floods-log    writes 64 MB of lines, then plays like any other
 *   lies          says that it owns a region of another server, at an epoch from far ahead; then at an old one; ends when told to
 *   crashes       ends before it is ready
 *   stubborn      says that it owns another server's region, and does not end when told to, by whatever means but SIGKILL
 *   deaf          presents itself, beats its heart, and never takes the region that it is given
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { ControlToServer, LINK_PROTOCOL, ServerToControl } from '@horizon-atlas/protocol';
import { clock } from '../clock.ts';

const { ATLAS_E2E_MISCHIEF: file = '', ATLAS_SERVER_ID: server = '', ATLAS_CONTROL: control = '' } = process.env;
const what = existsSync(file) ? readFileSync(file, 'utf8') : 'none';
rmSync(file, { force: true });

if (what === 'never-ready') setInterval(() => {}, 1000);
else if (what === 'crashes') process.exit(7);
else if (what === 'lies' || what === 'stubborn' || what === 'deaf') await misbehave();
else {
  if (what === 'floods-log') for (let i = 0; i < 64; i++) process.stdout.write('a line of nonsense\n'.repeat(55_000));
  await import('./region.ts');
}

async function misbehave(): Promise<void> {
  const link = await makeLinks({ clock }).dial(control);
  const say = (message: ServerToControl) => link.send(ServerToControl.encode(message));
  const west = { region: 'west', groups: [] };
  const held = [
    { ...west, epoch: 1_000_000 },
    { ...west, epoch: 1 },
  ];
  const hello = { kind: 'hello', server, version: LINK_PROTOCOL, pid: process.pid, address: 'unix:/nowhere', schema: 0 } as const;
  say({ ...hello, regions: what === 'deaf' ? [] : held });
  if (what === 'lies') {
    link.onFrame((frame) => {
      if (ControlToServer.decode(frame)?.kind === 'stop') process.exit(0);
    });
    for (const { region, epoch } of held) {
      say({ kind: 'regionUp', region, epoch });
      say({ kind: 'checkpoint', region, epoch, tick: 1, world: new Uint8Array(), groups: [] });
      say({ kind: 'slept', region, epoch });
    }
    return;
  }
  process.on('SIGTERM', () => {});
  const none = { tickHz: 30, workMsP50: 0, workMsP90: 0, workMsMax: 0, entities: 0, players: 0, shadows: 0, fenced: 0 };
  let tick = 0;
  setInterval(() => say({ kind: 'heartbeat', tick: ++tick, ...none }), 250);
}
