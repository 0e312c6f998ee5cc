import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** What a page pays for the SDK, by itself, minified and gzipped. */
const BYTES_MAX = 15_000;

test('matchmaking alone costs a page next to nothing', async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL('../src/matchmaking.ts', import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  expect(gzipSync(outputFiles[0]?.contents ?? new Uint8Array(0)).length).toBeLessThanOrEqual(6_000);
});

test(`a browser downloads at most ${BYTES_MAX} bytes of it`, async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL('../src/index.ts', import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
  });
  const bytes = gzipSync(outputFiles[0]?.contents ?? new Uint8Array(0)).length;
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes).toBeLessThanOrEqual(BYTES_MAX);
  // No dependency but Atlas's own packages, and none of what only its processes say to each other.
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((path) => path.includes('node_modules'))).toEqual([]);
  expect(inputs.some((path) => path.endsWith('sdk-client/src/node.ts'))).toBe(false);
  const used = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {}).filter(
    ([, { bytesInOutput }]) => bytesInOutput > 0,
  );
  expect(used.filter(([path]) => /link-|records/.test(path))).toEqual([]);
});
