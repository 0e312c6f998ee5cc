/**
 * `npm test`: everything quick, cheap checks first. Ends with one line, `N passed, N failed`.
 * `npm test -- --all` is what CI runs: also browsers, real games, benches in miniature, and all of the end-to-end tests.
 * `npm test -- world` runs only the test files whose path has that word, and no checks.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const all = process.argv.includes('--all');
const only = process.argv.slice(2).filter((word) => word !== '--all');
/** Minutes, or programs that not everybody has. One journey through all of Atlas is always made. */
const slow = [
  '**/*.browser.test.ts',
  'e2e/!(journey|minimal).e2e.test.ts',
  'bench/test/*.proc.test.ts',
  'packages/*/test/real-*.proc.test.ts',
];
/** The same files, as vitest's command line chooses: by parts of their paths. */
const slowOnes = [
  ...['.browser.test.ts', '.e2e.test.ts', 'bench/test/', '/test/real-'],
  ...['--exclude', 'e2e/{journey,minimal}.e2e.test.ts', '--exclude', 'bench/test/*.net.test.ts'],
];

const checks: readonly [name: string, command: string, args: readonly string[]][] = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['core types', bin('tsc'), ['-p', 'tsconfig.core.json']],
  ['tidy', process.execPath, ['scripts/tidy.ts']],
  ['lint', bin('biome'), ['check', '.']],
];

let passed = 0;
let failed = 0;
// Processes that tests start run what the sources are now, and start faster where there are bundles of them.
const bundled = run(process.execPath, ['packages/bundles/src/make-main.ts'], false);
const checked = (only.length > 0 ? [] : checks).map(async ([name, command, args]) => {
  const startedAt = performance.now();
  const { code, output } = await run(command, args, false);
  return { name, code, output, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) };
});
for (const { name, code, output, seconds } of await Promise.all(checked)) {
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (code === 0) passed++;
  else {
    failed++;
    console.log(output);
  }
}

process.stdout.write((await bundled).output);

const touching = ['.net.test.ts', '.proc.test.ts', '.e2e.test.ts', '.browser.test.ts'];
const lanes: readonly (readonly string[])[] =
  only.length > 0
    ? [only]
    : [
        // Many files share a process, and so what they import, which was three quarters of their time: they open nothing and change nothing global.
        ['--exclude', '**/*.{net,proc,e2e,browser}.test.ts', '--no-isolate', '--maxWorkers=100%'],
        // Those that open sockets or start processes wait most of the time: two files at once, with ports of their own (port-contracts), and no more, since they have deadlines.
        [...touching, '--maxWorkers=2', ...slow.flatMap((pattern) => ['--exclude', pattern])],
        // Each of these fills the machine alone.
        ...(all ? [[...slowOnes, '--no-file-parallelism']] : []),
      ];
for (const lane of lanes) await vitest(lane);
if (only.length === 0 && !all)
  console.log(
    '\nLeft to CI: browsers, real games, benches in miniature, and end-to-end tests beside the journey. npm test -- --all runs them, too.',
  );
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function vitest(args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-test-'));
  const results = join(folder, 'results.json');
  const { code } = await run(
    bin('vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...args],
    true,
  );
  let broken = 0;
  try {
    const report = JSON.parse(readFileSync(results, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numFailedTestSuites: number;
    };
    passed += report.numPassedTests;
    // A file that does not even load has no tests to fail.
    broken = report.numFailedTests === 0 ? report.numFailedTestSuites : report.numFailedTests;
  } catch {
    broken = 1;
  }
  failed += code !== 0 && broken === 0 ? 1 : broken;
  rmSync(folder, { recursive: true, force: true });
}

function run(command: string, args: readonly string[], live: boolean): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
  });
}
