/**
 * The processes that a bench starts: load, servers, peers. However the bench ends (done, failed, out of time, Ctrl-C), none of them
 * and nothing that they started is left: each leads a process group, and the group is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SpawnOptions {
  /** Runs the file in place of this Node.js. */
  readonly program?: string;
  /** For Node.js, before the file. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How much of what a helper last said is shown when it fails. */
const LINES_KEPT = 40;
const STOP_MS = 3000;

export class Helper {
  readonly pid: number;
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #title: string;
  readonly #lines: string[] = [];
  readonly #messages: unknown[] = [];
  /** Called whenever something has been said or the process has ended. */
  readonly #listeners = new Set<() => void>();
  #end: string | undefined;

  constructor(child: ChildProcess, title: string) {
    this.#child = child;
    this.#title = title;
    this.pid = child.pid ?? -1;
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        this.#tell();
      });
    }
    child.on('message', (message) => {
      this.#messages.push(message);
      this.#tell();
    });
    this.exited = new Promise((resolve) => {
      const end = (how: string): void => {
        // What it started may have outlived it. Now, because later its id may be another's.
        this.kill();
        this.#end ??= how;
        resolve(this.#end);
        this.#tell();
      };
      child.on('error', (error) => end(error.message));
      child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
  }

  /** The next line of stdout or stderr that matches. Rejects if the process ends or `timeoutMs` pass before. */
  line(match: RegExp, timeoutMs = 10_000): Promise<RegExpMatchArray> {
    return this.#wait(`a line like ${match}`, timeoutMs, () => {
      for (const [i, line] of this.#lines.entries()) {
        const found = line.match(match);
        if (!found) continue;
        this.#lines.splice(0, i + 1);
        return found;
      }
      if (this.#lines.length > LINES_KEPT) this.#lines.splice(0, this.#lines.length - LINES_KEPT);
      return undefined;
    });
  }

  /** The next message of a forked helper, in order. Rejects like `line`. */
  async message<T>(timeoutMs = 60_000): Promise<T> {
    const box = await this.#wait('a message', timeoutMs, () =>
      this.#messages.length > 0 ? [this.#messages.shift()] : undefined,
    );
    return box[0] as T;
  }

  send(message: object): void {
    this.#child.send(message);
  }

  /** Cuts the channel of a forked helper, as the death of this process would. */
  disconnect(): void {
    this.#child.disconnect();
  }

  /** Asks it to end, then makes it; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#end === undefined) {
      signalGroup(this.pid, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(this.pid, 'SIGKILL'), STOP_MS);
      await this.exited;
      clearTimeout(timer);
    }
  }

  /** At once, without asking; for the last moment of this process. */
  kill(): void {
    if (this.#end === undefined) signalGroup(this.pid, 'SIGKILL');
  }

  #wait<T>(what: string, timeoutMs: number, take: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const fail = (why: string): void => {
        finish();
        reject(new Error([`${this.#title}: waited for ${what}, but ${why}`, ...this.#lines.slice(-LINES_KEPT)].join('\n  ')));
      };
      const look = (): void => {
        const taken = take();
        if (taken !== undefined) {
          finish();
          resolve(taken);
        } else if (this.#end !== undefined) fail(`it ended: ${this.#end}`);
      };
      const timer = setTimeout(() => fail(`nothing came in ${timeoutMs} ms`), timeoutMs);
      this.#listeners.add(look);
      look();
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** All helpers of one run. */
export class Helpers {
  readonly #all = new Set<Helper>();
  readonly #killAll = (): void => {
    for (const helper of this.#all) helper.kill();
  };

  constructor() {
    process.on('exit', this.#killAll);
  }

  spawn(argv: readonly string[], options: SpawnOptions = {}): Helper {
    const [file = '', ...args] = argv;
    return this.#keep(spawn(file, args, { ...common(options), stdio: ['ignore', 'pipe', 'pipe'] }), file);
  }

  fork(file: URL, args: readonly string[] = [], options: SpawnOptions = {}): Helper {
    const parent = new URL('./with-parent.ts', import.meta.url).href;
    const argv = [...(options.flags ?? []), '--import', parent, fileURLToPath(file), ...args];
    return this.#keep(
      spawn(options.program ?? process.execPath, argv, { ...common(options), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }),
      fileURLToPath(file),
    );
  }

  /** Resolves when none is left. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#all].map((helper) => helper.stop()));
    this.#all.clear();
    process.off('exit', this.#killAll);
  }

  #keep(child: ChildProcess, title: string): Helper {
    const helper = new Helper(child, title);
    this.#all.add(helper);
    return helper;
  }
}

function common(options: SpawnOptions): { detached: true; cwd?: string; env: NodeJS.ProcessEnv } {
  return { detached: true, ...(options.cwd && { cwd: options.cwd }), env: { ...process.env, ...options.env } };
}

/** Never the group of nobody: with pid −1 the signal would go to every process there is. */
function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid <= 1) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
