/** The commands, their options and their help. What they do stands in a file each. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { version } from '@horizon-atlas/atlas';
import { AtlasError } from '@horizon-atlas/protocol';
import { systemClock } from '@horizon-atlas/runtime';
import { Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { exitCodeHelp, exitCodes } from './exit-codes.ts';
import { down, type StatusOptions, statusText } from './status.ts';
import { type UpOptions, up } from './up.ts';

const examples = `
Examples:
  atlas up                            run atlas.config.ts of this folder
  atlas up examples/sol/atlas.config.ts
  atlas status --json | jq .handoffs
  atlas bench handoff --json
  atlas sim --seeds 1000

Exit codes:
${exitCodeHelp.map(([code, text]) => `  ${code}  ${text}`).join('\n')}`;

export function makeProgram(): Command {
  const program = new Command('atlas')
    .description('Horizon Atlas runs multiplayer worlds: game servers, gateways, and the players between them.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print help for a command')
    .enablePositionalOptions()
    .showHelpAfterError('(atlas --help shows what there is)')
    .addHelpText('after', examples)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage));

  program
    .command('up')
    .argument('[config]', 'the configuration; atlas.config.ts of this folder when absent')
    .description('run a world until Ctrl-C; it goes on from where the last run stopped')
    .addOption(portOption('--api-port <port>', 'the API listens here instead'))
    .addOption(portOption('--gateway-port <port>', 'the first gateway listens here instead'))
    .option('--data-dir <folder>', 'keep the world here instead')
    .option('--plain', 'lines instead of a live screen')
    .option('--no-color', 'no colours, whatever the terminal can do')
    .action((config: string | undefined, options: UpOptions) => up(config, options));

  program
    .command('down')
    .argument('[config]', 'the configuration that it was started with')
    .description('stop a running world: players are told, states are written')
    .option('--data-dir <folder>', 'the data directory, if there is no configuration')
    .action(async (config: string | undefined, options: { dataDir?: string }) => {
      process.stdout.write(`Stopped. The world is kept in ${await down({ config, ...options }, systemClock())}\n`);
    });

  program
    .command('status')
    .argument('[config]', 'the configuration that it was started with')
    .description('show regions, players and handoffs of a running world')
    .option('--json', 'as the API gives it')
    .option('--api <url>', 'ask this API, such as http://127.0.0.1:7700')
    .option('--data-dir <folder>', 'the data directory, if there is no configuration')
    .option('--no-color', 'no colours, whatever the terminal can do')
    .action(async (config: string | undefined, options: Omit<StatusOptions, 'config'> & { color: boolean }) => {
      const paint = pc.createColors(options.color && pc.isColorSupported && process.stdout.isTTY);
      process.stdout.write(`${await statusText({ config, ...options }, process.stdout.columns ?? 100, paint)}\n`);
    });

  passOn(program, 'bench', '[name] [options...]', 'measure, with its peers in the same run', '../../../bench/src/main.ts');
  passOn(program, 'sim', '[options...]', 'run the whole system on a virtual clock, with faults', '../../sim/src/main.ts');
  return program;
}

/** A command that is a program of its own; everything after its name is that program's. */
function passOn(program: Command, name: string, usage: string, description: string, entry: string): void {
  program
    .command(name)
    .usage(usage)
    .argument('[args...]')
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      const file = fileURLToPath(new URL(entry, import.meta.url));
      if (!existsSync(file))
        throw new AtlasError('INTERNAL', `atlas ${name} is a part of the repository, and ${file} is not here`);
      const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
      // Ctrl-C reaches the child by itself; its answer to it is ours.
      process.on('SIGINT', () => {});
      process.exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? exitCodes.failed)));
    });
}

function portOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
    return port;
  });
}
