/** `atlas kick`: ends a player's session. */
import type { Command } from 'commander';
import { act } from '../act.ts';
import { find } from '../candidates.ts';
import { connectionOf } from '../connection.ts';
import { examples, runOf, withConsent, withOutput, withTarget } from '../options.ts';

export function addKick(program: Command): void {
  const command = program
    .command('kick')
    .argument('<player>', 'id or name')
    .description('end the session of a player')
    .option('-m, --message <text>', 'what the player is told')
    .action(async (typed: string, { message }: { message?: string }, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const { id } = await find(admin, typed, ['player']);
      await act(run, (options) => admin.kick(id, { ...options, ...(message !== undefined && { message }) }));
    });
  examples(withOutput(withTarget(withConsent(command))), [
    ["atlas kick bot-7 --message 'see you tomorrow'", ''],
    ['atlas kick bot-7 --yes', ''],
  ]);
}
