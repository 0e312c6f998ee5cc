/** `atlas match`: matches, and one of them from ticket to result. */
import type { Match } from '@horizon-atlas/sdk-admin';
import { type Command, Option } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { printList } from '../list-command.ts';
import { matchColumns } from '../match-columns.ts';
import { matchLines } from '../match-lines.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';

const stages = ['accepting', 'placing', 'active', 'ended'] as const;

export function addMatch(program: Command): void {
  const command = program
    .command('match')
    .description('list matches, or show one from its oldest ticket to its result')
    .argument('[match]', 'its id')
    .option('--queue <name>', 'only those of this queue')
    .option('--player <id>', 'only those of this player')
    .addOption(new Option('--stage <stage>', 'only those that are so far').choices(stages))
    .action(async (id: string | undefined, query: { queue?: string; player?: string; stage?: Match['stage'] }, self: Command) => {
      const run = runOf(self);
      const { options, terminal } = run;
      const { admin } = await connectionOf(options);
      if (id === undefined) {
        const { queue, player, stage } = query;
        const asked = { ...(queue ? { queue } : {}), ...(player ? { player } : {}), ...(stage ? { stage } : {}) };
        printList(run, await listed(admin.matchmaking.matches, asked, 1_000), matchColumns(Date.now()), 'No matches of late.');
        return;
      }
      const match = await admin.matchmaking.match(id);
      const space = { width: terminal.width, paint: terminal.paint };
      terminal.print(render(options.output, match, () => matchLines(match, space, Date.now())));
    });
  examples(withOutput(withTarget(command)), [
    ['atlas match', ''],
    ['atlas match --stage active --queue duel', ''],
    ['atlas match match_01J… --json', 'one of them, whole'],
  ]);
}
