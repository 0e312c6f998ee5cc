/** Entry of the `atlas` command. */
import { formatError } from './exit-codes.ts';
import { makeProgram } from './program.ts';
import { endQuietlyWithReader } from './terminal.ts';

endQuietlyWithReader();
try {
  await makeProgram().parseAsync();
} catch (error) {
  const { text, code } = formatError(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = code;
}
