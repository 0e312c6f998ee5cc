/** Where a command's answer goes: how wide it is, whether it has colours, and whether a person sits there. */
import pc from 'picocolors';
import type { Paint } from './paint.ts';

export interface Terminal {
  /** Columns; Infinity for a pipe or a file, unless COLUMNS says otherwise. */
  readonly width: number;
  readonly rows: number;
  readonly paint: Paint;
  /** Questions can be asked: somebody reads and can answer. */
  readonly interactive: boolean;
  /** What was asked for, to standard output. */
  print(text: string): void;
  /** What is said beside it, to standard error. */
  note(text: string): void;
}

export function terminalOf(color: boolean): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const told = Number(env.COLUMNS);
  const live = stdout.isTTY === true;
  const piped = Number.isInteger(told) && told > 0 ? told : Number.POSITIVE_INFINITY;
  return {
    width: live ? stdout.columns || 80 : piped,
    rows: live ? stdout.rows || 24 : Number.POSITIVE_INFINITY,
    paint: pc.createColors(color && live && pc.isColorSupported),
    interactive: live && stdin.isTTY === true && env.TERM !== 'dumb',
    print: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
  };
}

/** Who reads may go away, as `head` does: that is no fault of ours, and nothing is left to be said. */
export function endQuietlyWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
}
