/** The control plane as a child of the supervisor: how it is started, told its configuration, and heard. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { withBundles } from '@horizon-atlas/bundles';
import { AtlasError } from '@horizon-atlas/protocol';
import type { AtlasConfig } from './config.ts';
import { controlFlags } from './control-flags.ts';
import { dataDirAt } from './data-dir.ts';
import type { ControlOrder, ControlReport } from './reports.ts';
import type { ControlProcess } from './supervisor.ts';

const entry = new URL('./main.ts', import.meta.url).pathname;

export function startControlProcess(config: AtlasConfig): ControlProcess {
  return begin(spawnAt(config.dataDir), config);
}

/**
 * A control plane for a configuration that is still being checked: it loads what it is made of meanwhile, and does nothing before it is told
 * to begin.
 */
export class ReadyControl {
  readonly #dataDir: string;
  #child: ChildProcess | undefined;

  /** Only where an Atlas has been before: a configuration that is refused leaves no folder. */
  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    if (existsSync(dataDirAt(dataDir).logs)) this.#child = spawnAt(dataDir);
  }

  /** Of the one that waits. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The first time the one that waits, then new ones. */
  start(config: AtlasConfig): ControlProcess {
    const child = config.dataDir === this.#dataDir ? this.#child : undefined;
    if (child === undefined) this.drop();
    this.#child = undefined;
    return child ? begin(child, config) : startControlProcess(config);
  }

  /** The configuration was refused. */
  drop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

function spawnAt(dataDir: string): ChildProcess {
  // What it says outside of its log, such as the stack of a crash, must not vanish.
  const out = openErrors(dataDir);
  const [program = process.execPath, ...args] = withBundles([process.execPath, entry]);
  const child = spawn(program, [...controlFlags, ...args], {
    cwd: dataDir,
    stdio: ['ignore', out, out, 'ipc'],
    // For it and all that it starts: code that was compiled once is compiled, and a restart is a matter of moments.
    env: { NODE_COMPILE_CACHE: join(dataDir, 'cache'), ...process.env },
    // A session of its own: Ctrl-C on the terminal reaches only the supervisor, which then asks in good order.
    detached: true,
  });
  closeSync(out);
  // Who is told of it comes later, maybe: see onExit.
  child.on('error', () => {});
  return child;
}

/** Throws CONFIG_INVALID where nothing can be written: the first that is written into a data directory. */
function openErrors(dataDir: string): number {
  const { logs } = dataDirAt(dataDir);
  try {
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    return openSync(join(logs, 'control.err'), 'a', 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AtlasError(
      'CONFIG_INVALID',
      `dataDir: nothing can be written to ${dataDir} (${why}); take another one, by dataDir or --data-dir`,
    );
  }
}

function begin(child: ChildProcess, config: AtlasConfig): ControlProcess {
  const order = (message: ControlOrder) => {
    if (child.connected) child.send(message, () => {});
  };
  order({ kind: 'begin', config });
  return {
    // Over the pipe, not by a signal: one that comes before the process has a handler would kill it.
    stop: () => order({ kind: 'stop' }),
    kill: () => child.kill('SIGKILL'),
    onReport: (fn) => child.on('message', (message) => fn(message as ControlReport)),
    onExit(fn) {
      let told = false;
      const tell = (code: number | undefined, signal: string | undefined) => {
        if (told) return;
        told = true;
        fn({ code, signal });
      };
      child.on('exit', (code, signal) => tell(code ?? undefined, signal ?? undefined));
      child.on('error', (error) => tell(undefined, error.message));
      // It has ended while it waited for its configuration.
      const { exitCode, signalCode } = child;
      if (exitCode !== null || signalCode !== null) queueMicrotask(() => tell(exitCode ?? undefined, signalCode ?? undefined));
    },
  };
}
