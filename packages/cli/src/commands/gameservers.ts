/** `atlas gameservers`: match servers, lobbies and other servers of fleets, and what an operator does with one. */
import type { GameServer, GameServerOrder } from '@horizon-atlas/sdk-admin';
import { type Command, Option } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { gameServerColumns } from '../fleet-columns.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';

const states: readonly GameServer['state'][] = [
  'Scheduled',
  'Starting',
  'Warming',
  'Ready',
  'Reserved',
  'Allocated',
  'Activating',
  'Active',
  'Draining',
  'Maintaining',
  'Sleeping',
  'Unhealthy',
  'Error',
  'Shutdown',
];

const orders: readonly (readonly [GameServerOrder, string])[] = [
  ['shutdown', 'end a game server gently, whoever has it'],
  ['drain', 'let nobody new onto a game server; it ends when it is empty'],
  ['maintain', 'take a game server out once its session is over; it is kept'],
  ['restore', 'give a game server back that was taken out'],
];

export function addGameServers(program: Command): void {
  const command = program
    .command('gameservers')
    .description('list game servers of fleets: state, players, ports')
    .option('--fleet <name>', 'only those of this fleet')
    .addOption(new Option('--state <state>', 'only those in this state').choices(states))
    .action(async ({ fleet, state }: { fleet?: string; state?: GameServer['state'] }, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const query = { ...(fleet === undefined ? {} : { fleet }), ...(state === undefined ? {} : { state }) };
      printList(run, await listed(admin.gameServers, query), gameServerColumns(Date.now()), 'No game server runs.');
    });
  for (const [order, description] of orders) {
    const child = command
      .command(order)
      .argument('<id>', 'of the game server')
      .description(description)
      .action(async (id: string, _options: unknown, self: Command) => {
        const run = runOf(self);
        const { admin } = await connectionOf(run.options);
        const server = await admin.orderGameServer(id, order);
        printList(run, { items: [server], total: 1 }, gameServerColumns(Date.now()), '');
      });
    examples(withOutput(withTarget(child)), [[`atlas gameservers ${order} arena_01M8BDVZM6K4KNAGDJW532AEA8`, '']]);
  }
  examples(withOutput(withTarget(command)), [
    ['atlas gameservers', ''],
    ['atlas gameservers --fleet arena --state Ready', ''],
    ['atlas gameservers drain arena_01M8BDVZM6K4KNAGDJW532AEA8', ''],
  ]);
}
