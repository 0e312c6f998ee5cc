/**
 * `npm run build`: JavaScript and type declarations of every package into its own dist/, and the browser bundle of the client SDK.
 * Development needs none of this: Node runs the sources as they are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const packages = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'src/index.ts')));

for (const name of packages) {
  const folder = join(root, 'packages', name);
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  const config = join(folder, 'tsconfig.build.json');
  const options = {
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    allowImportingTsExtensions: false,
    rootDir: 'src',
    outDir: 'dist',
  };
  writeFileSync(
    config,
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions: options, include: ['src'], exclude: ['**/*.test.ts'] }),
  );
  try {
    const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], {
      encoding: 'utf8',
    });
    if (status !== 0) {
      console.error(`${name} does not build:\n${stdout}`);
      process.exit(1);
    }
  } finally {
    rmSync(config, { force: true });
  }
  console.log(`packages/${name}/dist`);
}

const bundle = join(root, 'packages/sdk-client/dist/browser.js');
await build({
  entryPoints: [join(root, 'packages/sdk-client/src/index.ts')],
  outfile: bundle,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
});
const gzipped = gzipSync(readFileSync(bundle)).length;
console.log(`packages/sdk-client/dist/browser.js: ${(gzipped / 1000).toFixed(1)} kB gzipped`);
