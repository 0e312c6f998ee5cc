/** The board and the alert rules ask for figures that exist: a real Prometheus scrapes a real Atlas, and is asked every query. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MetricEntry, metricsCatalogue } from '@horizon-atlas/control';
import { freePort } from '@horizon-atlas/port-contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './installation.ts';
import { Player } from './player.ts';
import { DEADLINE_MS, until } from './until.ts';

const deploy = fileURLToPath(new URL('../deploy/', import.meta.url));
const board = JSON.parse(readFileSync(join(deploy, 'grafana/dashboards/atlas.json'), 'utf8')) as Board;
const rules = readFileSync(join(deploy, 'prometheus/alerts.yml'), 'utf8');
const catalogue: Readonly<Record<string, MetricEntry>> = metricsCatalogue;

interface Board {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

const queries = board.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

/** What nothing happened for in a quiet world of two minutes' age; its names are held against the catalogue all the same. */
const silent = ['Refused and closed', 'Predictions that came about'];

const installed = ['prometheus', 'promtool'].every((program) => !spawnSync(program, ['--version']).error);
if (!installed && !process.env.CI) console.warn('SKIPPED: no Prometheus here; apt-get install prometheus');
const runs = installed || process.env.CI !== undefined;

describe('the board and the rules', () => {
  test('have queries', () => expect(queries.length).toBeGreaterThan(30));

  test.each([...queries.map(({ title, expr }) => [title, expr] as const), ['alerts.yml', exprsOf(rules)] as const])(
    '%s asks for what there is: %s',
    (_, expr) => {
      for (const [whole, name = '', selectors = ''] of expr.matchAll(/\b(atlas_\w+)(?:\{([^}]*)\})?/g)) {
        const entry = catalogue[name];
        expect(entry, whole).toBeDefined();
        const labels = Object.keys(entry?.labels ?? {});
        for (const [, label = ''] of selectors.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) expect(labels, whole).toContain(label);
      }
    },
  );

  test.runIf(runs)('are well-formed', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', join(deploy, 'prometheus/prometheus.yml')]);
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});

describe.runIf(runs)('a Prometheus that scrapes an Atlas', () => {
  let atlas: Installation;
  let ann: Player;
  let prometheus: ChildProcess;
  let url: string;
  let said = '';

  beforeAll(async () => {
    atlas = await Installation.make();
    await atlas.start();
    ann = await Player.join(atlas, 'ann');
    ann.keepCounting();
    const { home, config } = atlas;
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const settings = join(home, 'prometheus.yml');
    mkdirSync(join(home, 'tsdb'));
    writeFileSync(settings, settingsFor(config.api.port));
    const args = [
      `--config.file=${settings}`,
      `--storage.tsdb.path=${join(home, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    prometheus = spawn('prometheus', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ATLAS_E2E: home } });
    for (const stream of [prometheus.stdout, prometheus.stderr]) stream?.on('data', (chunk) => (said += chunk));
    await ann.walkTo(150);
    await until('she has crossed', () => ann.region === 'mid');
    await ann.walkTo(50);
    await until('she is back', () => ann.region === 'west');
  }, 5 * DEADLINE_MS);
  afterAll(async () => {
    ann?.leave();
    prometheus?.kill('SIGKILL');
    await atlas?.destroy();
  }, DEADLINE_MS);

  test('is told every figure that is always there, with its labels and no others', async () => {
    const page = await atlas.metrics();
    for (const [name, { labels = {}, rare }] of Object.entries(catalogue)) {
      const samples = [...page.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? `, 'gm'))];
      if (!rare) expect(samples.length, name).toBeGreaterThan(0);
      for (const [, pairs = ''] of samples) {
        const names = [...pairs.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'quantile');
        expect(names.sort(), name).toEqual(Object.keys(labels).sort());
      }
    }
    const families = [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => `${name} ${kind}`);
    const known = Object.entries(catalogue).map(([name, { kind }]) => `${name} ${kind}`);
    expect(families.filter((each) => !known.includes(each))).toEqual([]);
  });

  test('answers every query of the board', { timeout: 4 * DEADLINE_MS }, async () => {
    for (const { title, expr } of queries) {
      const question = expr.replaceAll('$__rate_interval', '30s');
      const what = `an answer for ${title}: ${question}`;
      const answer = await until(`${what}\n${said.slice(-500)}`, async () => {
        const asked = await ask(`/api/v1/query?query=${encodeURIComponent(question)}`);
        return asked.status === 'error' || silent.includes(title) || asked.data.result.length > 0 ? asked : undefined;
      });
      expect(answer.status, what).toBe('success');
    }
  });

  test('finds nothing to wake anybody for', async () => {
    const { data } = await ask('/api/v1/alerts');
    expect(data.alerts?.filter(({ state }) => state === 'firing')).toEqual([]);
  });

  async function ask(path: string): Promise<Answer> {
    return (await fetch(url + path)).json() as Promise<Answer>;
  }
});

interface Answer {
  readonly status: string;
  readonly data: { readonly result: readonly unknown[]; readonly alerts?: readonly { readonly state: string }[] };
}

/** The file as it is shipped, for another port, more often, and with the rules where they lie. */
function settingsFor(apiPort: number): string {
  return readFileSync(join(deploy, 'prometheus/prometheus.yml'), 'utf8')
    .replace('127.0.0.1:7700', `127.0.0.1:${apiPort}`)
    .replaceAll(/(scrape|evaluation)_interval: 5s/g, '$1_interval: 500ms')
    .replace('[alerts.yml]', JSON.stringify([join(deploy, 'prometheus/alerts.yml')]));
}

function exprsOf(text: string): string {
  return [...text.matchAll(/^ *expr: (.*)$/gm)].map(([, expr]) => expr).join('\n');
}
