import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearRun, type DataDir, dataDirAt, holderOf, lockDataDir, makeFolders } from './data-dir.ts';

let dir: DataDir;
beforeEach(() => {
  dir = dataDirAt(join(mkdtempSync(join(tmpdir(), 'atlas-lock-')), '.atlas'));
  makeFolders(dir);
});
afterEach(() => rmSync(join(dir.root, '..'), { recursive: true, force: true }));

/** A pid that was alive a moment ago. */
const deadPid = spawnSync(process.execPath, ['-e', '']).pid;

describe('the lock of a data directory', () => {
  it('is held until it is released, and leaves nothing', () => {
    const lock = lockDataDir(dir, 5);
    expect(holderOf(dir)).toMatchObject({ pid: process.pid, startedAtMs: 5, api: '' });
    lock.update({ api: 'http://127.0.0.1:7700' });
    expect(holderOf(dir)?.api).toBe('http://127.0.0.1:7700');
    lock.release();
    expect(holderOf(dir)).toBeUndefined();
    expect(existsSync(dir.lock)).toBe(false);
  });

  it('is refused to a second one, which hears who has it and how to stop it', () => {
    lockDataDir(dir, 5).update({ api: 'http://127.0.0.1:7700' });
    expect(() => lockDataDir(dir, 6)).toThrow(
      expect.objectContaining({
        code: 'ALREADY_RUNNING',
        message: expect.stringMatching(`pid ${process.pid}.*7700[\\s\\S]*atlas down`),
      }),
    );
  });

  it('of a dead process is replaced', () => {
    lockDataDir(dir, 5, deadPid);
    expect(holderOf(dir)).toBeUndefined();
    const lock = lockDataDir(dir, 6);
    expect(holderOf(dir)?.pid).toBe(process.pid);
    lock.release();
  });

  it.runIf(existsSync('/proc/self/stat'))('of a pid that is another process by now is replaced', () => {
    writeFileSync(dir.lock, JSON.stringify({ pid: process.pid, bornAt: '1', nonce: 'x', startedAtMs: 0, api: '' }));
    expect(holderOf(dir)).toBeUndefined();
    expect(() => lockDataDir(dir, 6)).not.toThrow();
  });

  it('that is garbage is replaced', () => {
    writeFileSync(dir.lock, '{"pid":');
    expect(() => lockDataDir(dir, 6)).not.toThrow();
  });

  it('is not released by one who lost it', () => {
    const lost = lockDataDir(dir, 5, deadPid);
    lockDataDir(dir, 6);
    lost.release();
    expect(holderOf(dir)?.startedAtMs).toBe(6);
  });
});

describe('a data directory', () => {
  it('is closed to others on the machine', () => {
    expect(statSync(dir.root).mode & 0o077).toBe(0);
    expect(statSync(dir.run).mode & 0o077).toBe(0);
  });

  it('has its sockets elsewhere when its path is too long for them', () => {
    const deep = dataDirAt(`/${'deep/'.repeat(30)}.atlas`);
    expect(Buffer.byteLength(join(deep.sockets, 'x'.repeat(40)))).toBeLessThan(104);
    expect(deep.sockets).not.toBe(dataDirAt(`/${'deep/'.repeat(31)}.atlas`).sockets);
    expect(dataDirAt('/srv/.atlas').sockets).toBe('/srv/.atlas/run');
  });

  it('has an empty past after a clean stop', () => {
    writeFileSync(join(dir.sockets, 'old.sock'), '');
    clearRun(dir);
    expect(existsSync(dir.run)).toBe(false);
    expect(existsSync(dir.root)).toBe(true);
  });
});
