/**
 * Where an installation keeps its things, and the lock that lets only one control plane at them.
 *
 *   .atlas/atlas.db          the Store
 *   .atlas/logs/             atlas.log (JSON lines), one file a game server, gateway and companion
 *   .atlas/tls/              the development certificate
 *   .atlas/dev-secret        signs development tokens
 *   .atlas/admin-token       opens the API, where it asks for a token and none is configured
 *   .atlas/audit/            the audit log: who came, who was refused, who did what
 *   .atlas/cache/            compiled code; may be deleted at any time
 *   .atlas/run/              sockets, lock, hand-over files: gone after a clean stop
 */
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AtlasError } from '@horizon-atlas/protocol';

export interface DataDir {
  readonly root: string;
  readonly database: string;
  readonly logs: string;
  readonly tls: string;
  readonly devSecret: string;
  readonly adminToken: string;
  readonly audit: string;
  readonly run: string;
  /** Sockets: `run`, or a shorter place where the path would be too long for a Unix socket. */
  readonly sockets: string;
  readonly lock: string;
}

/** Of sockaddr_un's 108 bytes (104 on macOS) one ends the text, and names in `sockets` have up to 40. */
const socketFolderBytesMax = 103 - 40;

export function dataDirAt(root: string): DataDir {
  const run = join(root, 'run');
  const short = join(tmpdir(), `atlas-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
  return {
    root,
    database: join(root, 'atlas.db'),
    logs: join(root, 'logs'),
    tls: join(root, 'tls'),
    devSecret: join(root, 'dev-secret'),
    adminToken: join(root, 'admin-token'),
    audit: join(root, 'audit'),
    run,
    sockets: Buffer.byteLength(run) <= socketFolderBytesMax ? run : short,
    lock: join(run, 'lock.json'),
  };
}

/** Makes the folders; others on the machine may not look into them, because keys and sockets are there. */
export function makeFolders(dir: DataDir): void {
  for (const folder of [dir.root, dir.logs, dir.run, dir.sockets]) mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** What a running control plane tells about itself to `atlas status`, `atlas down` and a second `atlas up`. */
export interface Holder {
  readonly pid: number;
  /** From /proc: the same pid of another process has another one. Empty where the host does not tell. */
  readonly bornAt: string;
  /** Makes two locks of one process differ. */
  readonly nonce: string;
  readonly startedAtMs: number;
  /** Empty until the API listens. */
  readonly api: string;
}

export interface DataDirLock {
  /** Others see `changes` from now on. */
  update(changes: Partial<Pick<Holder, 'api'>>): void;
  release(): void;
}

/** Throws ALREADY_RUNNING if a living process has it; a dead one's lock is replaced. */
export function lockDataDir(dir: DataDir, nowMs: number, pid = process.pid): DataDirLock {
  let mine: Holder = { pid, bornAt: bornAt(pid), nonce: randomBytes(8).toString('hex'), startedAtMs: nowMs, api: '' };
  // Each turn either takes the lock, finds a living holder, or removes one dead holder; another starter may be as fast as this one.
  for (let turn = 0; turn < 8; turn++) {
    if (claim(dir.lock, mine)) {
      return {
        update(changes) {
          mine = { ...mine, ...changes };
          const next = `${dir.lock}.${mine.nonce}`;
          writeFileSync(next, JSON.stringify(mine), { mode: 0o600 });
          renameSync(next, dir.lock);
        },
        release() {
          if (readHolder(dir.lock)?.nonce === mine.nonce) rmSync(dir.lock, { force: true });
        },
      };
    }
    const holder = readHolder(dir.lock);
    if (holder && isAlive(holder)) throw alreadyRunning(dir, holder);
    removeStale(dir.lock, holder, mine.nonce);
  }
  throw new AtlasError('ALREADY_RUNNING', `another Atlas is starting on ${dir.root} right now`);
}

/** The living control plane of a data directory. */
export function holderOf(dir: DataDir): Holder | undefined {
  const holder = readHolder(dir.lock);
  return holder && isAlive(holder) ? holder : undefined;
}

/** After a clean stop nothing is left in `run`; what a crash left there goes, too. */
export function clearRun(dir: DataDir): void {
  for (const folder of new Set([dir.run, dir.sockets])) {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function isAlive({ pid, bornAt: known }: Pick<Holder, 'pid' | 'bornAt'>): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = procStat(pid);
  if (now === undefined) return true;
  // A zombie holds nothing any more; its parent has merely not looked yet.
  return now.state !== 'Z' && (known === '' || now.bornAt === known);
}

function alreadyRunning(dir: DataDir, { pid, api }: Holder): AtlasError {
  const where = api === '' ? '' : `, its API at ${api}`;
  return new AtlasError(
    'ALREADY_RUNNING',
    `an Atlas already runs on ${dir.root} (pid ${pid}${where})\n  Look at it with: atlas status --data-dir ${dir.root}\n  Stop it with:    atlas down --data-dir ${dir.root}`,
  );
}

/** Written aside and linked, so that nobody ever reads half a lock. */
function claim(lock: string, mine: Holder): boolean {
  const next = `${lock}.${mine.nonce}`;
  writeFileSync(next, JSON.stringify(mine), { mode: 0o600 });
  try {
    linkSync(next, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(next, { force: true });
  }
}

/** Moved aside first: had somebody replaced it since we looked, theirs is put back. */
function removeStale(lock: string, seen: Holder | undefined, nonce: string): void {
  const aside = `${lock}.${nonce}.stale`;
  try {
    renameSync(lock, aside);
    if (readHolder(aside)?.nonce !== seen?.nonce) linkSync(aside, lock);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const { pid, bornAt, nonce, startedAtMs, api } = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    const texts = [bornAt, nonce, api].every((text) => typeof text === 'string');
    // A pid of 0 or below would be a group of processes, or all of them.
    const numbers = Number.isSafeInteger(pid) && pid > 0 && typeof startedAtMs === 'number';
    return texts && numbers ? { pid, bornAt, nonce, startedAtMs, api } : undefined;
  } catch {
    return undefined;
  }
}

function bornAt(pid: number): string {
  return procStat(pid)?.bornAt ?? '';
}

/** State and start time (fields 3 and 22 of proc(5)); undefined where there is no /proc. */
function procStat(pid: number): { state: string; bornAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in brackets, may hold spaces and brackets itself.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', bornAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
