/** The command as a person meets it: what it prints, and its exit codes. Nothing here starts an Atlas. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const launcher = fileURLToPath(new URL('../bin/atlas.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'atlas-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function check(args: string[], expected: { code: number; out?: RegExp; err?: RegExp }, node: string[] = []): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, launcher, ...args], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr: expected.err ? '' : stderr }).toEqual({ status: expected.code, stderr: '' });
  if (expected.out) expect(stdout).toMatch(expected.out);
  if (expected.err) expect(stderr).toMatch(expected.err);
}

it('tells its version', () => check(['--version'], { code: 0, out: /^\d+\.\d+\.\d+\n$/ }));
it('helps, with examples and exit codes', () => check(['--help'], { code: 0, out: /up \[options\] .*Examples:.*Exit codes:/s }));
it('guesses what was meant', () => check(['statsu'], { code: 2, err: /Did you mean status/ }));
it('refuses a port that is none', () => check(['up', '--api-port', '70000'], { code: 2, err: /from 0 to 65535/ }));
it('says which configuration it looked for', () =>
  check(['up'], { code: 3, err: /no atlas\.config\.ts in .*CONFIG_NOT_FOUND/s }));
it('says that nothing runs', () => check(['down'], { code: 5, err: /NOT_RUNNING/ }));

it('tells what is wrong with a configuration', () => {
  writeFileSync(join(folder, 'atlas.config.json'), '{"world":{"regions":[]},"regionServer":{"command":["x"]}}');
  check(['up'], { code: 3, err: /world\.regions\n +expected +a list.*found +\[\].*example/s });
});

it('tells an old Node so, in a sentence', () => {
  const old = join(folder, 'old-node.cjs');
  writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });");
  check(['up'], { code: 6, err: /22\.13 or newer is needed, and this is 20\.20\.2 \(NODE_TOO_OLD\)/ }, ['--require', old]);
});

it('replays a recording to a match function, and ends one that hangs', { timeout: 120_000 }, () => {
  const teams = ['red', 'blue'].map((name) => ({ name, minPlayers: 1, maxPlayers: 1 }));
  writeFileSync(join(folder, 'duel.json'), JSON.stringify({ name: 'duel', ruleLanguageVersion: '1.0', teams }));
  const came = (id: string) =>
    JSON.stringify({ kind: 'ticket', atMs: 0, id, players: [{ id: `p-${id}`, attributes: {}, latencyMs: {} }] });
  writeFileSync(join(folder, 'duel.ndjson'), `${came('a')}\n${came('b')}\n`);
  writeFileSync(
    join(folder, 'pairs.ts'),
    'export default ({ tickets: [a, b] }: { tickets: { id: string }[] }) => [{ teams: { red: [a.id], blue: [b.id] } }];',
  );
  writeFileSync(join(folder, 'hangs.ts'), 'export default () => { for (;;); };');
  const replay = ['mm', 'replay', 'duel.ndjson', '--rules', 'duel.json', '--function'];
  check([...replay, 'pairs.ts', '--timeout', '60000'], { code: 0, out: /matches +0 +1\n/ });
  check([...replay, 'hangs.ts', '--timeout', '10'], { code: 1, err: /did not answer within 10 ms .*MATCH_FUNCTION_FAILED/s });
});
