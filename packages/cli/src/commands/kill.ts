/** `atlas kill`: a process, as if it had crashed: for those who want to see a recovery. */
import type { Command } from 'commander';
import { act } from '../act.ts';
import { findProcess } from '../candidates.ts';
import { connectionOf } from '../connection.ts';
import { examples, runOf, withConsent, withOutput, withTarget } from '../options.ts';

export function addKill(program: Command): void {
  const command = program
    .command('kill')
    .argument('<process>', 'a server or gateway, or the region whose server is meant')
    .description('kill a server or gateway, to see the recovery')
    .action(async (typed: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const process = await findProcess(admin, typed);
      await act(run, (options) => admin.kill(process, options));
    });
  examples(withOutput(withTarget(withConsent(command))), [
    ['atlas kill alpha', 'the server that plays this region'],
    ['atlas kill alpha --dry-run', 'only tell what would happen to players'],
    ['atlas kill gateway_01JX --yes', 'without a question, for scripts'],
  ]);
}
