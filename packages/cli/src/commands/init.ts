/** `atlas init`: a new project, as `npm create horizon-atlas` makes it. */
import type { Command } from 'commander';
import { askOnTerminal, type InitOptions, initProject, templates } from 'create-horizon-atlas';
import { examples, runOf } from '../options.ts';

export function addInit(program: Command): void {
  const command = program
    .command('init')
    .argument('[folder]', 'where; my-world when nobody says otherwise')
    .description('make a project: config, rules, game server, tests')
    .option('-t, --template <name>', templates.map(({ name, description }) => `${name}: ${description}`).join('; '))
    .option('--name <name>', 'of the package; the folder’s when absent')
    .option('-y, --yes', 'ask nothing, take what is usual')
    .option('--force', 'add to a folder that is not empty; what is there stays as it is')
    .option('--no-install', 'leave out npm install')
    .option('--atlas <what>', 'another horizon-atlas: a version, a tag, or a tarball')
    .action(async (folder: string | undefined, options: InitOptions, self: Command) => {
      const { terminal } = runOf(self);
      await initProject({ ...options, folder }, { say: (text) => terminal.print(text), ask: askOnTerminal() });
    });
  examples(command, [
    ['atlas init my-world', 'asks what was not said, on a terminal'],
    ['atlas init . --template minimal --yes', 'in this folder'],
    ['atlas init my-duel --template match', 'a game of matches'],
  ]);
}
