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
    .argument('<replicas>', 'servers in all, or auto: as its policy has it, or its warm ones', replicasOf)
    .description('hold a fleet at a size, whatever its scaling says, until auto lets it go; servers in use are not stopped')
    .action(async (name: string, replicas: number | null, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const fleet = await admin.scaleFleet(name, replicas);
      print(run, [fleet], 1);
      if (run.options.output === 'table') for (const line of heldLines(fleet, replicas)) run.terminal.note(line);
    });
  examples(withOutput(withTarget(scale)), [
    ['atlas fleet scale arena 12', ''],
    ['atlas fleet scale arena auto', 'let it go: it is scaled as the configuration has it'],
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

/** What holds from now on, and for how long. */
export function heldLines({ name, held, min, max }: Fleet, asked: number | null): string[] {
  if (held === null) return [`${name} is scaled by itself again: atlas fleet explain ${name} says how.`];
  const bounded = asked === held ? '' : ` (of ${asked} that were asked for: it has ${min} to ${max})`;
  return [`${name} is held at ${held}${bounded}, whatever its scaling says, until: atlas fleet scale ${name} auto`];
}

function replicasOf(text: string): number | null {
  if (text === 'auto') return null;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a number of servers, or auto.');
  return wholeNumber(text, 0, 100_000, 'A size');
}
