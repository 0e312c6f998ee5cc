import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inbox, within } from '@horizon-atlas/port-contracts';
import type { Link, LinkCloseReason } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLinks } from '../src/index.ts';
import { hostClock } from './host-clock.ts';

let dir: string;
let child: ChildProcess;
let says: Inbox<unknown>;
let reasons: Inbox<LinkCloseReason>;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'atlas-link-'));
  says = new Inbox();
  reasons = new Inbox();
  child = fork(join(import.meta.dirname, 'peer.ts'), [`unix:${dir}/p.sock`]);
  child.on('message', (message) => says.add(message));
  await says.first((message) => message === 'up', 'the other process listens');
});

afterEach(async () => {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await within(gone, 'the other process is gone');
  }
  rmSync(dir, { recursive: true, force: true });
});

async function dial(lostAfter: number): Promise<Link> {
  const link = await makeLinks({ clock: hostClock, heartbeatMs: 50, lostAfter }).dial(`unix:${dir}/p.sock`);
  link.onClose((reason) => reasons.add(reason));
  await echo(link);
  return link;
}

/** A round trip: the other process lives. */
async function echo(link: Link): Promise<void> {
  const echoes = new Inbox<number>();
  link.onFrame((frame) => echoes.add(frame.length));
  link.send(new Uint8Array(3));
  await echoes.atLeast(1, 'an echo');
}

/** A number of this process's own heartbeats, told by a link of its own. */
async function silenceOf(ms: number): Promise<void> {
  await new Promise<void>((resolve) => hostClock.at(hostClock.now() + ms, resolve));
}

describe('losing the other process', () => {
  it('notices kill -9 at once', async () => {
    await dial(1000);
    child.kill('SIGKILL');
    expect((await reasons.atLeast(1, 'the link is lost'))[0]?.code).toBe('LINK_LOST');
  });

  it('notices a process that is stopped, by three missed heartbeats', async () => {
    await dial(3);
    const stoppedMs = hostClock.now();
    child.kill('SIGSTOP');
    expect((await reasons.atLeast(1, 'the link is lost'))[0]).toEqual({
      code: 'LINK_LOST',
      message: 'nothing heard for 3 heartbeats',
    });
    expect(hostClock.now() - stoppedMs).toBeGreaterThan(100);
  });

  it('does not wait for a stopped process when closing', async () => {
    const link = await dial(3);
    child.kill('SIGSTOP');
    link.close({ code: 'SESSION_ENDED', message: 'bye' });
    expect(await reasons.atLeast(1, 'the link ends')).toEqual([{ code: 'SESSION_ENDED', message: 'bye' }]);
  });

  it('does not blame us when it was stopped itself, however long', async () => {
    const link = await dial(1000);
    child.kill('SIGSTOP');
    // Five times what would make either side lost: the time that passes is what is tested.
    await silenceOf(750);
    child.kill('SIGCONT');
    await echo(link);
    await silenceOf(300);
    await echo(link);
    expect(says.items).toEqual(['up']);
    link.close({ code: 'SESSION_ENDED', message: 'bye' });
    expect(await says.first((message) => message !== 'up', 'the other side hears the reason')).toBe('SESSION_ENDED');
  });
});

describe('an idle link', () => {
  it('lives by heartbeats alone', async () => {
    const link = await dial(3);
    await silenceOf(600);
    await echo(link);
    expect(reasons.items).toEqual([]);
    link.close({ code: 'SESSION_ENDED', message: 'bye' });
    await reasons.atLeast(1, 'the link ends');
  });
});
