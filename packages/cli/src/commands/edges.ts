/** `atlas edges`: public ports of game servers, players' ways through them, and moves of players between servers. */
import { AtlasError } from '@horizon-atlas/protocol';
import type { EdgeWay } from '@horizon-atlas/sdk-admin';
import type { Command } from 'commander';
import { find } from '../candidates.ts';
import { connectionOf, listed } from '../connection.ts';
import { edgeColumns, edgeWayColumns } from '../edge-columns.ts';
import { findId } from '../find-id.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, timeOption, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';
import { harmless } from '../text-width.ts';

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
  addMove(command);
  examples(withOutput(withTarget(command)), [
    ['atlas edges', ''],
    ['atlas edges --sessions', 'who comes from where'],
    ['atlas edges move ann --fleet lobby', 'a player goes on at another server, on the connection that they have'],
    ["atlas edges --json | jq '.items[].dropped'", 'what went no further, and why'],
  ]);
}

interface MoveOptions {
  readonly to?: string;
  readonly fleet?: string;
  readonly wait: number;
}

function addMove(edges: Command): void {
  const command = edges
    .command('move')
    .argument('<session>', 'its number, or who plays (atlas edges --sessions)')
    .description('have a player go on at another game server, on the connection that they have (UDP, or a port with a front)')
    .option('--to <server>', 'to this game server')
    .option('--fleet <name>', 'to the server of this fleet with the fewest players')
    .addOption(timeOption('--wait <time>', 'how long the server may take to be there; one that sleeps is woken', 120, 30))
    .action(async (typed: string, { to, fleet, wait }: MoveOptions, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      if ((to === undefined) === (fleet === undefined))
        throw new AtlasError('REQUEST_INVALID', 'say either --to SERVER or --fleet FLEET');
      const ways = (await listed(admin.edgeSessions, {}, SESSIONS_MAX)).items;
      const { way } = findId(typed, ways.map(candidateOf), 'session');
      const there = to === undefined ? { fleet: fleet ?? '' } : { server: (await find(admin, to, ['gameserver'])).id };
      const { server } = await admin.moveEdgeSession(way.id, { ...there, waitMs: Math.round(wait * 1000) });
      const who = harmless(way.player === '' ? way.peer : way.player);
      const moved = { session: way.id, from: way.server, server };
      run.terminal.print(render(run.options.output, moved, () => [`${who} is at ${harmless(server)} now.`]));
    });
  examples(withOutput(withTarget(command)), [
    ['atlas edges move ann --to lobby_01K8Z4', ''],
    ['atlas edges move ann --fleet arena', ''],
    ['atlas edges move 7105337 --fleet arena --wait 60', 'a session without a name, to a server that may have to wake'],
  ]);
}

const SESSIONS_MAX = 65_536;

function candidateOf(way: EdgeWay) {
  return { kind: 'session', id: way.id, name: way.player, way } as const;
}
