/** The commands. Each stands in a file of its own under commands/, with its options, its help and what it does. */
import { version } from '@horizon-atlas/atlas';
import { Command } from 'commander';
import { addBench, addSim } from './commands/bench-and-sim.ts';
import { addDown } from './commands/down.ts';
import { addStatus } from './commands/status.ts';
import { addUp } from './commands/up.ts';
import { exitCodeHelp, exitCodes } from './exit-codes.ts';
import { withShared } from './options.ts';

/** In the order of the help text. A new command: a file, and its `add…` here. */
const groups: readonly (readonly [heading: string, add: readonly ((program: Command) => void)[]])[] = [
  ['Run a world:', [addUp, addDown]],
  ['Look at it:', [addStatus]],
  ['Measure and check:', [addBench, addSim]],
];

const footer = `
Examples:
  atlas up                            run atlas.config.ts of this folder
  atlas up examples/sol/atlas.config.ts
  atlas status --json | jq .handoffs
  atlas bench handoff --json
  atlas sim --seeds 1000

atlas COMMAND --help has more of them.

Exit codes:
${exitCodeHelp.map(([code, text]) => `  ${String(code).padStart(3)}  ${text}`).join('\n')}`;

export function makeProgram(): Command {
  const program = new Command('atlas')
    .description('Horizon Atlas runs multiplayer worlds: game servers, gateways, and the players between them.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print help for a command')
    .enablePositionalOptions()
    .showHelpAfterError('(atlas --help shows what there is)')
    .addHelpText('after', footer)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage));
  for (const [heading, add] of groups) {
    program.commandsGroup(heading);
    for (const each of add) each(program);
  }
  return withShared(program);
}
