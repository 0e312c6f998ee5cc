/** The control plane as a child of the supervisor: how it is started, told its configuration, and heard. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { AtlasConfig } from './config.ts';
import { dataDirAt } from './data-dir.ts';
import type { ControlOrder, ControlReport } from './reports.ts';
import type { ControlProcess } from './supervisor.ts';

const entry = new URL('./main.ts', import.meta.url).pathname;

export function startControlProcess(config: AtlasConfig): ControlProcess {
  const { logs } = dataDirAt(config.dataDir);
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  // What it says outside of its log, such as the stack of a crash, must not vanish.
  const out = openSync(join(logs, 'control.err'), 'a', 0o600);
  const child = spawn(process.execPath, [entry], {
    cwd: config.dataDir,
    stdio: ['ignore', out, out, 'ipc'],
    // For it and all that it starts: code that was compiled once is compiled, and a restart is a matter of moments.
    env: { NODE_COMPILE_CACHE: join(config.dataDir, 'cache'), ...process.env },
    // A session of its own: Ctrl-C on the terminal reaches only the supervisor, which then asks in good order.
    detached: true,
  });
  closeSync(out);
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
    },
  };
}
