/**
 * `npm run build`: the packages as they are published, in dist/packages, compiled and complete, and the browser bundle of the client SDK.
 * Development needs none of this: Node runs the sources as they are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { dashboardFolder } from '../packages/dashboard/src/index.ts';
import { assemble, faultsOf } from './assemble.ts';
import { carriedBy, published, readWorkspaces, root, type Workspace } from './workspace.ts';

const dist = join(root, 'dist');

export interface Built {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** Throws with what is wrong. */
export async function buildPackages(): Promise<Built[]> {
  const all = readWorkspaces();
  // The console's page is carried as it is.
  await dashboardFolder();
  const results: Built[] = [];
  const wanted = published(all);
  const compiled = compile(new Set(wanted.flatMap((each) => carriedBy(each, all))));
  for (const workspace of wanted) {
    const { name, version } = workspace.manifest;
    const folder = join(dist, 'packages', name);
    assemble(workspace, all, { compiled, stage: folder });
    const faults = faultsOf(folder);
    if (faults.length > 0) throw new Error(`${name} cannot be published:\n  ${faults.join('\n  ')}`);
    results.push({ name, version, folder });
  }
  return results;
}

/** One program for all of them. tsc remembers what it has made, so the second time takes a moment. Returns where they lie. */
function compile(workspaces: ReadonlySet<Workspace>): string {
  const outDir = join(dist, 'compiled');
  mkdirSync(outDir, { recursive: true });
  const config = join(outDir, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    incremental: true,
    rewriteRelativeImportExtensions: true,
    allowImportingTsExtensions: false,
    rootDir: join(root, 'packages'),
    outDir,
    tsBuildInfoFile: join(outDir, 'tsbuildinfo.json'),
  };
  const include = [...workspaces]
    .filter(({ folder }) => existsSync(join(folder, 'src')))
    .map(({ folder }) => join(folder, 'src'));
  writeFileSync(config, JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include, exclude: ['**/*.test.ts'] }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the packages do not compile:\n${stdout}`);
  return outDir;
}

/** For pages that have no bundler: the client SDK and the schema language as one module. Returns its size in bytes, gzipped. */
async function bundleForBrowsers(file: string): Promise<number> {
  await build({
    stdin: {
      contents: "export * from './client.ts';\nexport * from './schema.ts';",
      resolveDir: join(root, 'packages/horizon-atlas/src'),
    },
    outfile: file,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  });
  return gzipSync(readFileSync(file)).length;
}

if (import.meta.main) {
  try {
    for (const { name, folder } of await buildPackages()) console.log(`${name}: ${folder}`);
    const bundle = join(dist, 'browser.js');
    console.log(`${bundle}: ${((await bundleForBrowsers(bundle)) / 1000).toFixed(1)} kB gzipped`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
