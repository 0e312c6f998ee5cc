/** The `atlas` command without its commands. */
import { version } from '@horizon-atlas/atlas';
import { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';

export function bareProgram(): Command {
  return new Command('atlas')
    .description(
      'Horizon Atlas runs multiplayer games: seamless worlds, matches and dedicated servers, and the way of players to them.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .enablePositionalOptions()
    .showHelpAfterError('(atlas --help shows what there is)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage));
}
