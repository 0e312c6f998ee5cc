/** `atlas edges`: public ports of game servers, and players' ways through them. */
import type { Command } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { edgeColumns, edgeWayColumns } from '../edge-columns.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';

export function addEdges(program: Command): void {
  const command = program
    .command('edges')
    .description('list edges: public ports of game servers, sessions, what was dropped')
    .option('--sessions', "list players' ways instead: from where, to which server, how the server sees them")
    .option('--server <id>', 'with --sessions: of this game server alone')
    .action(async (_options: unknown, self: Command) => {
      const run = runOf(self);
      const { sessions, server } = self.opts<{ sessions?: boolean; server?: string }>();
      const { admin } = await connectionOf(run.options);
      if (sessions || server !== undefined) {
        const query = server === undefined ? {} : { server };
        printList(run, await listed(admin.edgeSessions, query), edgeWayColumns(Date.now()), 'Nobody is on their way.');
      } else printList(run, await listed(admin.edges, {}), edgeColumns, 'No edge runs: no port of a fleet is public.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas edges', ''],
    ['atlas edges --sessions', 'who comes from where'],
    ["atlas edges --json | jq '.items[].dropped'", 'what went no further, and why'],
  ]);
}
