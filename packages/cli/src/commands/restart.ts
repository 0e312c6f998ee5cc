/** `atlas restart`: as drain, and the post is filled anew at once. */
import type { Command } from 'commander';
import { act } from '../act.ts';
import { findProcess } from '../candidates.ts';
import { connectionOf } from '../connection.ts';
import { examples, runOf, withConsent, withOutput, withTarget } from '../options.ts';

export function addRestart(program: Command): void {
  const command = program
    .command('restart')
    .argument('<process>', 'a server or gateway, or the region whose server is meant')
    .description('drain a server or gateway, and start another in its place')
    .action(async (typed: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const process = await findProcess(admin, typed);
      await act(run, (options) => admin.restart(process, options));
    });
  examples(withOutput(withTarget(withConsent(command))), [
    ['atlas restart alpha', 'a new process plays this region on, such as one with new code'],
    ['atlas restart alpha --yes && atlas watch --until region.active', ''],
  ]);
}
