/**
 * Where Bun is, if it is installed: a gateway that runs in it costs less for each message and for each connection than in Node.js. The
 * packages hold the program itself and run no script when they are installed; npm picks the one for this system.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The only version that the gateway's tests have run in, and so the only one that is taken. */
export const BUN_VERSION = '1.4.5';

/**
 * What a gateway in Bun has in its environment. Its allocator gives freed pages back to the system ten milliseconds later, and takes them again for the next
 * messages: some seventy calls a second, each of which stops the other cores for a moment. They were 9 % of a gateway's time (perf, 10,000 messages a second each way).
 */
export const bunEnvironment = { MIMALLOC_PURGE_DELAY: '-1' } as const;

export type BunFound = { readonly program: string } | { readonly missing: string };

/** @param bases files or folders from which packages are looked for, one after the other */
export function findBun(bases: readonly string[] = [import.meta.url, join(process.cwd(), 'package.json')]): BunFound {
  const name = `@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
  // npm installs the one for the C library of this system, and no other.
  const names = process.platform === 'linux' ? [name, `${name}-musl`] : [name];
  const program = bases.flatMap((base) => names.map((each) => programOf(each, base))).find((found) => found !== undefined);
  if (program === undefined) return { missing: `Bun is not installed: npm install ${name}@${BUN_VERSION}` };
  const version = versionOf(program);
  if (version === BUN_VERSION) return { program };
  return { missing: `${program} is ${version}, and the gateway needs ${BUN_VERSION}` };
}

function programOf(name: string, base: string): string | undefined {
  try {
    return join(
      dirname(createRequire(base).resolve(`${name}/package.json`)),
      'bin',
      process.platform === 'win32' ? 'bun.exe' : 'bun',
    );
  } catch {
    return undefined;
  }
}

/** By running it, which also shows whether it can run here: it needs instructions that old processors do not have. */
function versionOf(program: string): string {
  // Here, not above: gateways load this file, and start nothing.
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch (error) {
    return `not able to run here (${(error as Error).message.split('\n', 1)[0]})`;
  }
}
