/** `atlas down`: asks an Atlas that runs on this machine to stop, and waits until it is gone. */
import type { Clock } from '@horizon-atlas/ports';
import { AtlasError } from '@horizon-atlas/protocol';
import { systemClock } from '@horizon-atlas/runtime';
import type { Command } from 'commander';
import { findRunning, type Where } from '../installation.ts';
import { examples, runOf, withColor } from '../options.ts';

export const limits = {
  /** The drain's own deadline is 10 s. */
  downMs: 20_000,
} as const;

export function addDown(program: Command): void {
  const command = program
    .command('down')
    .argument('[config]', 'the configuration that it was started with')
    .description('stop a running Atlas: players are told, states are written')
    .option('--data-dir <folder>', 'its data directory, if there is no configuration')
    .action(async (config: string | undefined, _options: unknown, self: Command) => {
      const { options, terminal } = runOf(self);
      const root = await down({ config: config ?? options.config, dataDir: options.dataDir }, systemClock());
      terminal.print(`Stopped. The world is kept in ${root}`);
    });
  examples(withColor(command), [
    ['atlas down', 'the world of this folder'],
    ['atlas down --data-dir /srv/world/.atlas', ''],
  ]);
}

/** Resolves to the data directory. */
async function down(where: Where, clock: Clock): Promise<string> {
  const { root, holder } = await findRunning(where);
  process.kill(holder.pid, 'SIGTERM');
  const deadline = clock.now() + limits.downMs;
  while (clock.now() < deadline) {
    await new Promise<void>((resolve) => void clock.at(clock.now() + 50, resolve));
    const now = await findRunning({ dataDir: root }).catch(() => undefined);
    // Its supervisor would start it again if it died on the way; a clean stop it takes as its own.
    if (now?.holder.pid !== holder.pid) return root;
  }
  throw new AtlasError('INTERNAL', `pid ${holder.pid} did not stop within ${limits.downMs / 1000} s; its log is in ${root}/logs`);
}
