/**
 * A server's console as a named pipe. The server holds it open for reading and writing as its standard input, so it never sees an end of it whoever else
 * comes and goes; Atlas opens it for each text anew, and a restarted Atlas does the same.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';

/** What a pipe takes whole or not at all (PIPE_BUF on Linux). */
export const consoleBytesMax = 4096;

/** Makes the pipe and opens it for the server. Throws if the disk does not take it. The caller closes the descriptor. */
export function openConsole(path: string): number {
  rmSync(path, { force: true });
  // Node.js has no call for it.
  execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
  return openSync(path, constants.O_RDWR);
}

/** False: nobody holds it, or who does has not read what was written before. */
export function writeToConsole(path: string, text: string): boolean {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > consoleBytesMax) return false;
  let pipe: number;
  try {
    pipe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    return writeSync(pipe, bytes) === bytes.length;
  } catch {
    return false;
  } finally {
    closeSync(pipe);
  }
}
