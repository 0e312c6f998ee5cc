/** `atlas gateways`: the processes that players are connected to. */
import type { Command } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { gatewayColumns } from '../resource-columns.ts';

export function addGateways(program: Command): void {
  const command = program
    .command('gateways')
    .description('list gateways: clients, messages a second, refusals')
    .action(async (_options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      printList(run, await listed(admin.gateways, {}), gatewayColumns(Date.now()), 'No gateway runs.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas gateways', ''],
    ["atlas gateways --json | jq '.items[].refused'", 'who was turned away, by code'],
  ]);
}
