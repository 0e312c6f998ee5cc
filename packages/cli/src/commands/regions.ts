/** `atlas regions`: the parts of the world, who owns each, and how busy they are. */
import type { Command } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { regionColumns } from '../resource-columns.ts';

export function addRegions(program: Command): void {
  const command = program
    .command('regions')
    .description('list regions: who owns each, players, load')
    .action(async (_options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      printList(run, await listed(admin.regions, {}), regionColumns, 'This world has no regions.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas regions', ''],
    ["atlas regions --json | jq '.items[] | select(.load > 0.5) | .id'", 'the busy ones'],
  ]);
}
