/** `atlas move`: places a player elsewhere, by a handoff where that is another region. */
import { type Command, InvalidArgumentError } from 'commander';
import { act } from '../act.ts';
import { find } from '../candidates.ts';
import { connectionOf } from '../connection.ts';
import { examples, runOf, withConsent, withOutput, withTarget } from '../options.ts';

export function addMove(program: Command): void {
  const command = program
    .command('move')
    .argument('<player>', 'id or name')
    .argument('<x>', 'where to', coordinate)
    .argument('<y>', '', coordinate)
    .argument('[z]', 'the height stays as it is when absent', coordinate)
    .description('place a player elsewhere, across borders if need be')
    .action(async (typed: string, x: number, y: number, z: number | undefined, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const { id } = await find(admin, typed, ['player']);
      await act(run, (options) => admin.move(id, { x, y, ...(z !== undefined && { z }) }, options));
    });
  examples(withOutput(withTarget(withConsent(command))), [
    ['atlas move bot-7 3200 0', ''],
    ['atlas move bot-7 3200 0 50 --dry-run', ''],
    ['atlas move bot-7 --yes -- -40 0', 'after -- a minus is no option'],
  ]);
}

function coordinate(text: string): number {
  const n = Number(text);
  if (text.trim() === '' || !Number.isFinite(n)) throw new InvalidArgumentError('A coordinate is a number.');
  return n;
}
