/** `atlas servers`: the processes that play regions, and spares. */
import type { Command } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { serverColumns } from '../resource-columns.ts';

export function addServers(program: Command): void {
  const command = program
    .command('servers')
    .description('list game servers: region, state, CPU, memory, tick')
    .option('--region <id>', 'only those of this region')
    .action(async ({ region }: { region?: string }, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const all = await listed(admin.servers, {});
      const items = region === undefined ? all.items : all.items.filter((each) => each.region === region);
      const total = region === undefined ? all.total : items.length;
      printList(run, { items, total }, serverColumns(Date.now()), 'No game server runs.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas servers', ''],
    ['atlas servers --region alpha -o yaml', ''],
  ]);
}
