/** Checks of the machine: Node.js, npm, memory, disk, open files, clock, and where sockets may lie. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { diskPolicy } from '@horizon-atlas/atlas/examine';
import { bytes } from '../figures.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import type { Subject } from './subject.ts';

export const limits = {
  npmMs: 15_000,
  /** Measured, see docs/figures.md: an idle Atlas with one gateway; each further gateway; a region server without its game. */
  idleBytes: 150e6,
  gatewayBytes: 25e6,
  serverBytes: 30e6,
  /** Links, log files, the database and what Node.js itself has open. */
  filesBeside: 256,
  clockAheadMs: 60_000,
  /** No clock that is right shows an earlier time than this release was written. */
  releasedAtMs: Date.UTC(2026, 0, 1),
  /** Of sockaddr_un's 108 bytes (104 on macOS), less the longest name of a socket. */
  socketFolderBytes: 63,
} as const;

export function nodeCheck(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 13))
    return fail('node', `Node.js ${version}; 22.13 or newer is needed`, 'get one at https://nodejs.org');
  if (major % 2 === 1)
    return warn('node', `Node.js ${version} is of a line without long support`, 'take the newest even one for production');
  return ok('node', `Node.js ${version}`);
}

export async function npmCheck(): Promise<Finding> {
  const version = await new Promise<string | undefined>((resolve) =>
    execFile('npm', ['--version'], { timeout: limits.npmMs, shell: process.platform === 'win32' }, (error, stdout) =>
      resolve(error ? undefined : stdout.trim()),
    ),
  );
  if (version === undefined)
    return warn(
      'npm',
      'npm does not run; making and installing worlds needs it',
      'install it with Node.js from https://nodejs.org',
    );
  const major = Number(version.split('.')[0]);
  return major >= 10 ? ok('npm', `npm ${version}`) : warn('npm', `npm ${version} is old`, 'npm install --global npm@11');
}

export function memoryCheck({ config }: Subject): Finding {
  const regions = config?.world.regions.length ?? 1;
  const gateways = config?.gateway.count ?? 1;
  const needed = limits.idleBytes + (gateways - 1) * limits.gatewayBytes + regions * limits.serverBytes;
  const free = availableBytes();
  const text = `${bytes(free)} free, ${availableParallelism()} cores; Atlas ${regions > 0 ? `with ${counted(regions, 'region')} awake and ${counted(gateways, 'gateway')} ` : ''}takes about ${bytes(needed)}, and the game what it takes`;
  return free >= needed
    ? ok('memory', text)
    : warn('memory', text, 'end other programs, or let regions sleep sooner: sleepAfterMs');
}

/** What programs can have without swapping; `free` alone leaves out what the kernel would give back. */
function availableBytes(): number {
  try {
    const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    return found ? Number(found[1]) * 1024 : freemem();
  } catch {
    return freemem();
  }
}

export function diskCheck({ dir }: Subject): Finding {
  const at = nearestFolder(dir.root);
  try {
    const { bavail, bsize } = statfsSync(at);
    const free = bavail * bsize;
    const text = `${bytes(free)} free where the world is kept (${at})`;
    if (free < diskPolicy.fullBytes) return fail('disk', text, 'make room, or keep the world elsewhere: dataDir, --data-dir');
    return free < diskPolicy.lowBytes ? warn('disk', text, 'make room: a full disk stops new checkpoints') : ok('disk', text);
  } catch (error) {
    return warn('disk', `what is free at ${at} cannot be seen: ${(error as Error).message}`, 'look at the file system');
  }
}

export function filesCheck({ gatewayConnections }: Subject, most = openFilesMax()): Finding {
  if (most === undefined)
    return warn('open files', 'the limit cannot be read on this system', 'see that it is above the connections of a gateway');
  const needed = gatewayConnections + limits.filesBeside;
  const text = `a process may have ${Number.isFinite(most) ? most : 'any number of'} files open; a gateway takes up to ${gatewayConnections} connections`;
  if (most >= needed) return ok('open files', text);
  const mend = `raise it to ${needed}: ulimit -n ${needed}, LimitNOFILE= in a systemd unit, or lower gateway.limits.connections`;
  return most < 1024 ? fail('open files', text, mend) : warn('open files', text, mend);
}

/** Node.js raises its own soft limit to the hard one when it starts, and so do gateways. */
function openFilesMax(): number | undefined {
  try {
    const found = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    if (!found) return undefined;
    return found[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(found[1]);
  } catch {
    return undefined;
  }
}

export function clockCheck({ dir }: Subject, nowMs = Date.now()): Finding {
  if (nowMs < limits.releasedAtMs) {
    return fail(
      'clock',
      `it shows ${new Date(nowMs).toISOString()}, before this release was written`,
      'set the clock: timedatectl set-ntp true',
    );
  }
  const newest = Math.max(0, ...[dir.database, `${dir.database}-wal`, dir.devSecret, dir.lock].map(writtenMs));
  if (newest - nowMs > limits.clockAheadMs) {
    const text = `files of the world are from ${new Date(newest).toISOString()}, which is yet to come: the clock was set back`;
    return warn('clock', text, 'set the clock: tokens and certificates are judged by it');
  }
  return ok('clock', new Date(nowMs).toISOString());
}

function writtenMs(file: string): number {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

export function socketsCheck({ dir }: Subject): Finding {
  const length = Buffer.byteLength(dir.sockets);
  const at = nearestFolder(dir.sockets);
  if (length > limits.socketFolderBytes) {
    const text = `the path of sockets, ${dir.sockets}, has ${length} bytes; ${limits.socketFolderBytes} is what Unix sockets have room for`;
    return fail('sockets', text, 'set TMPDIR to a shorter folder, such as /tmp');
  }
  if (!mayWrite(at))
    return fail('sockets', `sockets are to lie in ${dir.sockets}, and ${at} cannot be written`, `chmod u+rwx ${at}`);
  const where = dir.sockets.startsWith(dir.root)
    ? 'in the data directory'
    : `in ${tmpdir()}, because the path of the data directory is long`;
  return ok('sockets', where);
}

export function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

export function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function counted(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}
