/** Entry of the `atlas` command. */
import type { Command } from 'commander';
import { formatError } from './exit-codes.ts';
import { endQuietlyWithReader } from './terminal.ts';

endQuietlyWithReader();
try {
  await (await programFor(process.argv[2])).parseAsync();
} catch (error) {
  const { text, code } = formatError(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = code;
}

/** `up` stays in memory as long as the world runs, so it loads no other command. */
async function programFor(command: string | undefined): Promise<Command> {
  if (command !== 'up') return (await import('./program.ts')).makeProgram();
  const [{ bareProgram }, { addUp }, { withShared }] = await Promise.all([
    import('./bare-program.ts'),
    import('./commands/up.ts'),
    import('./options.ts'),
  ]);
  const program = bareProgram();
  addUp(program);
  return withShared(program);
}
