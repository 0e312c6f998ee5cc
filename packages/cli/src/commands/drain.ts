/** `atlas drain`: empties a process in good order: a server hands its regions over, a gateway sends its clients elsewhere. */
import type { Command } from 'commander';
import { act } from '../act.ts';
import { findProcess } from '../candidates.ts';
import { connectionOf } from '../connection.ts';
import { examples, runOf, withConsent, withOutput, withTarget } from '../options.ts';

export function addDrain(program: Command): void {
  const command = program
    .command('drain')
    .argument('<process>', 'a server or gateway, or the region whose server is meant')
    .description('empty a server or gateway in good order, then end it')
    .action(async (typed: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const process = await findProcess(admin, typed);
      await act(run, (options) => admin.drain(process, options));
    });
  examples(withOutput(withTarget(withConsent(command))), [
    ['atlas drain gateway_01JX', 'its clients go on at another gateway'],
    ['atlas drain alpha --yes --json', ''],
  ]);
}
