/** Values that several parts of the configuration have: addresses, ports, paths, and the program of a process. */
import { z } from 'zod';
import { told } from './config-guide.ts';

export const port = told(z.int().min(0).max(65_535), 'a port from 1 to 65535, or 0 for any free one', '7700');
export const host = told(z.string().min(1).max(255), 'an address of this machine', "'127.0.0.1'");
export const path = (example: string) => told(z.string().min(1), 'a path, relative to this file', example);
export const env = told(z.record(z.string(), z.string()), 'names and texts', "{ SEED: '7' }");
export const args = told(z.array(z.string()), 'a list of texts', "['--count', '60']");

export const programSchema = {
  /** A TypeScript or JavaScript file, run by the Node that Atlas runs on. */
  entry: path("'./region.ts'").optional(),
  /** Any other program; no shell stands between. */
  command: told(z.array(z.string().min(1)).min(1), 'a program and its arguments', "['./my-server', '--quiet']").optional(),
  /** Behind the entry or the command. */
  args: args.default([]),
  /** Laid over the environment that Atlas was started with. */
  env: env.default({}),
};
export const oneProgram = (program: { entry?: unknown; command?: unknown }) =>
  (program.entry === undefined) !== (program.command === undefined);
