/** `atlas fleet`: fleets of game servers, and their size. */
import type { Fleet } from '@horizon-atlas/sdk-admin';
import { type Command, InvalidArgumentError } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { fleetColumns } from '../fleet-columns.ts';
import { printList } from '../list-command.ts';
import { examples, type Run, runOf, wholeNumber, withOutput, withTarget } from '../options.ts';

export function addFleet(program: Command): void {
  const command = program
    .command('fleet')
    .argument('[name]', 'only this one')
    .description('list fleets of game servers: ready, in use, waiting, start-up times')
    .action(async (name: string | undefined, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const { items, total } =
        name === undefined ? await listed(admin.fleets, {}) : { items: [await admin.fleet(name)], total: 1 };
      print(run, items, total);
    });
  const scale = command
    .command('scale')
    .argument('<name>', 'of the fleet')
    .argument('<replicas>', 'servers in all, or auto: as many as are in use, and its warm ones', replicasOf)
    .description('say how many servers a fleet is to have; those in use are not stopped')
    .action(async (name: string, replicas: number | null, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      print(run, [await admin.scaleFleet(name, replicas)], 1);
    });
  examples(withOutput(withTarget(scale)), [
    ['atlas fleet scale arena 12', ''],
    ['atlas fleet scale arena auto', 'as the configuration has it'],
  ]);
  examples(withOutput(withTarget(command)), [
    ['atlas fleet', ''],
    ['atlas fleet arena --json', ''],
    ['atlas fleet scale arena 12', ''],
  ]);
}

function print(run: Run, items: readonly Fleet[], total: number): void {
  printList(run, { items, total }, fleetColumns, 'There is no fleet: name one in fleets of the configuration.');
}

function replicasOf(text: string): number | null {
  if (text === 'auto') return null;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a number of servers, or auto.');
  return wholeNumber(text, 0, 100_000, 'A size');
}
