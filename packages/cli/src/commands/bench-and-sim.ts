/** `atlas bench` and `atlas sim`: programs of their own. Everything after the name is theirs, and so is the exit code. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AtlasError } from '@horizon-atlas/protocol';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';

export function addBench(program: Command): void {
  passOn(
    program,
    'bench',
    '[name] [options...]',
    'measure, with its peers in the same run',
    new URL('../../../../bench/src/main.ts', import.meta.url),
  );
}

export function addSim(program: Command): void {
  passOn(
    program,
    'sim',
    '[options...]',
    'run the whole system on a virtual clock, with faults',
    new URL('../../../sim/src/main.ts', import.meta.url),
  );
}

function passOn(program: Command, name: string, usage: string, description: string, entry: URL): void {
  program
    .command(name)
    .usage(usage)
    .argument('[args...]')
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      const file = fileURLToPath(entry);
      if (!existsSync(file))
        throw new AtlasError('INTERNAL', `atlas ${name} is a part of the repository, and ${file} is not here`);
      const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
      // Ctrl-C reaches the child by itself; its answer to it is ours.
      process.on('SIGINT', () => {});
      process.exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? exitCodes.failed)));
    });
}
