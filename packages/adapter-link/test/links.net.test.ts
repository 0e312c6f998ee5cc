import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, Inbox, linksContract, until, within } from '@horizon-atlas/port-contracts';
import type { Link, LinkCloseReason } from '@horizon-atlas/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLinks } from '../src/index.ts';
import { hostClock } from './host-clock.ts';

let dir: string;
let links: ReturnType<typeof makeLinks>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'atlas-link-'));
  links = makeLinks({ clock: hostClock });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

linksContract({
  name: 'Unix sockets',
  make() {
    const place = mkdtempSync(join(tmpdir(), 'atlas-link-'));
    let n = 0;
    return {
      links: makeLinks({ clock: hostClock }),
      address: () => `unix:${place}/${n++}.sock`,
      dispose: async () => rmSync(place, { recursive: true, force: true }),
    };
  },
});

linksContract({
  name: 'TCP',
  make: async () => ({
    links: makeLinks({ clock: hostClock }),
    address: await tcpAddresses(),
    dispose: async () => {},
  }),
});

linksContract({
  name: 'TCP, frames gathered for 2 ms',
  make: async () => ({
    links: makeLinks({ clock: hostClock, coalesceMs: 2 }),
    address: await tcpAddresses(),
    dispose: async () => {},
  }),
});

/** A fresh one with each call: more than any test of the contract asks for. */
async function tcpAddresses(): Promise<() => string> {
  const ports = await freePorts(8);
  return () => `tcp:127.0.0.1:${ports.pop() ?? 'none is left'}`;
}

describe('one turn, one write', () => {
  it('sends all frames of a turn in as few packets as they fill', async () => {
    const chunks: number[] = [];
    const server = createServer((socket) => socket.on('data', (chunk) => chunks.push(chunk.length)));
    await new Promise<void>((resolve) => server.listen(join(dir, 'raw.sock'), resolve));
    const link = await links.dial(`unix:${dir}/raw.sock`);
    for (let i = 0; i < 500; i++) link.send(new Uint8Array(60));
    expect(chunks).toEqual([]);
    await until(() => chunks.length > 0, 'the write');
    expect(chunks).toEqual([500 * 64]);
    server.close();
    link.close({ code: 'X', message: '' });
  });
});

describe('addresses', () => {
  it('picks a TCP port and says which', async () => {
    const listener = await links.listen('tcp:127.0.0.1:0', () => {});
    expect(listener.address).toMatch(/^tcp:127\.0\.0\.1:[1-9]\d+$/);
    const link = await links.dial(listener.address);
    link.close({ code: 'X', message: '' });
    await listener.close();
  });

  it('removes the socket file at close, and keeps others out of it while open', async () => {
    const listener = await links.listen(`unix:${dir}/a.sock`, () => {});
    expect(statSync(`${dir}/a.sock`).mode & 0o777).toBe(0o600);
    await listener.close();
    expect(existsSync(`${dir}/a.sock`)).toBe(false);
  });

  it('replaces the socket file of a dead process', async () => {
    const path = join(dir, 'stale.sock');
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await within(new Promise((resolve) => child.stdout.once('data', resolve)), 'the child listens');
    await expect(links.listen(`unix:${path}`, () => {})).rejects.toMatchObject({ code: 'LINK_ADDRESS_IN_USE' });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await within(gone, 'the child is gone');
    expect(existsSync(path)).toBe(true);
    const listener = await links.listen(`unix:${path}`, () => {});
    const link = await links.dial(`unix:${path}`);
    link.close({ code: 'X', message: '' });
    await listener.close();
  });

  it('never deletes a file that is no socket', async () => {
    writeFileSync(join(dir, 'notes.txt'), 'dear diary');
    await expect(links.listen(`unix:${dir}/notes.txt`, () => {})).rejects.toMatchObject({ code: 'LINK_LISTEN_FAILED' });
    expect(existsSync(join(dir, 'notes.txt'))).toBe(true);
  });

  it('takes a path of any length', async () => {
    const long = `unix:${dir}/${'x'.repeat(150)}/server.sock`;
    const listener = await links.listen(long, (link) => link.onFrame((frame) => link.send(frame)));
    expect(listener.address).toBe(long);
    const link = await links.dial(long);
    const echoes = new Inbox<number>();
    link.onFrame((frame) => echoes.add(frame.length));
    link.send(new Uint8Array(7));
    expect(await echoes.atLeast(1, 'an echo')).toEqual([7]);
    link.close({ code: 'X', message: '' });
    await listener.close();
    await expect(links.dial(long)).rejects.toMatchObject({ code: 'LINK_REFUSED' });
  });

  for (const address of ['', 'unix:', 'tcp:nowhere', 'tcp:127.0.0.1:70000', 'http://127.0.0.1:80']) {
    it(`refuses "${address}"`, async () => {
      await expect(links.dial(address)).rejects.toMatchObject({ code: 'LINK_REFUSED' });
      await expect(links.listen(address, () => {})).rejects.toMatchObject({ code: 'LINK_LISTEN_FAILED' });
    });
  }

  it('says why it cannot listen', async () => {
    await expect(links.listen(`unix:${dir}/no/such/dir.sock`, () => {})).rejects.toMatchObject({ code: 'LINK_LISTEN_FAILED' });
  });
});

describe('strangers', () => {
  it('ends a link that does not speak our frames, and only that one', async () => {
    const arrivals = new Inbox<Link>();
    const listener = await links.listen(`unix:${dir}/s.sock`, (link) => arrivals.add(link));
    const good = await links.dial(listener.address);
    const raw = connect(`${dir}/s.sock`);
    raw.on('error', () => {});
    const [, bad] = await arrivals.atLeast(2, 'both arrive');
    const reasons = new Inbox<LinkCloseReason>();
    bad?.onClose((reason) => reasons.add(reason));
    raw.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    raw.on('end', () => raw.end());
    raw.resume();
    expect((await reasons.atLeast(1, 'it is closed'))[0]?.code).toBe('LINK_FRAME_INVALID');
    expect(good.writable).toBe(true);
    good.close({ code: 'X', message: '' });
    await listener.close();
  });

  it('ends a link whose other side reads nothing before memory runs out', async () => {
    const server = createServer((socket) => socket.pause());
    await new Promise<void>((resolve) => server.listen(join(dir, 'deaf.sock'), resolve));
    const link = await links.dial(`unix:${dir}/deaf.sock`);
    const reasons = new Inbox<LinkCloseReason>();
    link.onClose((reason) => reasons.add(reason));
    const frame = new Uint8Array(4 * 1024 * 1024);
    for (let i = 0; i < 20; i++) link.send(frame);
    expect((await reasons.atLeast(1, 'it is closed'))[0]?.code).toBe('LINK_SLOW');
    server.close();
  });
});
