/** The command `create-horizon-atlas`: its command line, its help, its exit codes. */
import { parseArgs } from 'node:util';
import { AtlasError } from '@horizon-atlas/protocol';
import { initProject, ownRelease } from './init.ts';
import { askOnTerminal } from './questions.ts';
import { templates } from './templates.ts';

const help = `Makes a multiplayer world that runs.

  npm create horizon-atlas@latest [folder] -- [options]

  folder              where; my-world when nobody says otherwise
  --template <name>   ${templates.map(({ name, description }) => `${name}: ${description}`).join('\n                      ')}
  --name <name>       of the package; the folder's when absent
  --yes               ask nothing, take what is usual
  --force             add to a folder that is not empty; what is there stays as it is
  --no-install        leave out npm install
  --atlas <what>      another horizon-atlas: a version, a tag, or a tarball
  --version, --help

Where input is no terminal nothing is asked. Exit codes: 0 done, 1 it did not work (the project may be there without what it needs), 2 the
command line is wrong.
`;

const usage = new Set(['NAME_INVALID', 'TEMPLATE_UNKNOWN']);

/** Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  try {
    const { values, positionals } = parse(args);
    if (values.help) return done(say, help);
    if (values.version) return done(say, ownRelease());
    if (positionals.length > 1) throw new RangeError(`one folder at a time, and these are ${positionals.join(', ')}`);
    const { 'no-install': bare, ...wishes } = values;
    await initProject({ ...wishes, folder: positionals[0], install: bare !== true }, { say, ask: askOnTerminal() });
    return 0;
  } catch (error) {
    const code = error instanceof AtlasError ? `  (${error.code})` : '';
    process.stderr.write(`create-horizon-atlas: ${(error as Error).message}${code}\n`);
    return isUsage(error) ? 2 : 1;
  }
}

function isUsage(error: unknown): boolean {
  if (error instanceof AtlasError) return usage.has(error.code);
  return error instanceof RangeError || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      template: { ...text, short: 't' },
      name: text,
      yes: { ...flag, short: 'y' },
      force: flag,
      'no-install': flag,
      atlas: text,
      help: { ...flag, short: 'h' },
      version: flag,
    },
  });
}

function done(say: (text: string) => void, text: string): number {
  say(text.trimEnd());
  return 0;
}
