/** `atlas handoffs`: crossings from one region to another, the latest first. */
import type { Handoff, HandoffQuery } from '@horizon-atlas/sdk-admin';
import { type Command, Option } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, wholeNumber, withOutput, withTarget } from '../options.ts';
import { handoffColumns } from '../resource-columns.ts';

const outcomes = ['under-way', 'done', 'rolled-back', 'failed'] as const satisfies readonly Handoff['outcome'][];

interface HandoffsOptions {
  readonly player?: string;
  readonly region?: string;
  readonly outcome?: Handoff['outcome'];
  readonly limit: number;
}

export function addHandoffs(program: Command): void {
  const command = program
    .command('handoffs')
    .description('list crossings, the latest first: outcome, gap, why not')
    .option('--player <id>', 'only those of this player')
    .option('--region <id>', 'only those from or to this region')
    .addOption(new Option('--outcome <outcome>', 'only those that ended so').choices(outcomes))
    .option('-n, --limit <count>', 'at most so many', (text) => wholeNumber(text, 1, 100_000), 50)
    .action(async ({ player, region, outcome, limit }: HandoffsOptions, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const query: HandoffQuery = {
        ...(player !== undefined && { player }),
        ...(region !== undefined && { region }),
        ...(outcome !== undefined && { outcome }),
      };
      printList(run, await listed(admin.handoffs, query, limit), handoffColumns, 'Nobody has crossed.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas handoffs -n 10', ''],
    ['atlas handoffs --outcome failed', ''],
    ["atlas handoffs --json | jq '[.items[].gapMs] | max'", 'the worst gap of the last ones'],
  ]);
}
