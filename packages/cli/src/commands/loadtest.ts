/** `atlas loadtest`: real clients against a running world, with figures, thresholds and an exit code. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type LoadtestAccess,
  type LoadtestReport,
  type LoadtestSettings,
  limits,
  runLoadtest,
  type Threshold,
  thresholdNames,
  verdicts,
} from '@horizon-atlas/loadtest';
import { AtlasError } from '@horizon-atlas/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { exitCodes } from '../exit-codes.ts';
import { findRunning } from '../installation.ts';
import { untilInterrupted } from '../interrupt.ts';
import { progressLine, reportLines } from '../loadtest-lines.ts';
import { examples, type Options, type Run, runOf, timeOption, wholeNumber, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';
import { cut } from '../text-width.ts';

interface LoadtestOptions {
  readonly players: number;
  readonly rate: number;
  readonly duration: number;
  readonly ramp?: number;
  readonly joinTimeout: number;
  readonly url?: readonly string[];
  readonly tokens?: string;
  readonly ca?: string;
  readonly prefix: string;
  readonly seed: number;
  readonly [threshold: `max${string}`]: number | undefined;
}

/** So many players a second come by default: below the rate that gateways allow one address. */
const joinsPerS = 50;
const usualScripts = ['loadtest.ts', 'loadtest.mts', 'loadtest.js', 'loadtest.mjs'];

export function addLoadtest(program: Command): void {
  const command = program
    .command('loadtest')
    .argument('[script]', 'a module that exports defineScenario({ … }); loadtest.ts of this folder when absent')
    .description('let real clients play, and measure what they see')
    .option('--players <count>', 'how many', (text) => wholeNumber(text, 1, limits.playersMax), 20)
    .option('--rate <per-s>', 'turns of each player a second', (text) => figure(text, 0.01, limits.ratePerSMax), 4)
    .addOption(timeOption('--duration <time>', 'how long figures are taken', limits.durationSMax, 30))
    .addOption(timeOption('--ramp <time>', `over which they join; ${joinsPerS} a second when absent`, limits.rampSMax))
    .addOption(timeOption('--join-timeout <time>', 'for each to get in', limits.joinTimeoutSMax, 30))
    .option('--url <url...>', 'gateways to play at; those of the world when absent, if they are on this machine')
    .option('--tokens <file>', "players' tokens, one a line, for worlds that are not of this machine")
    .option('--ca <file>', 'certificate authority to trust, PEM')
    .option('--prefix <text>', "the beginning of the players' ids", 'load')
    .option('--seed <number>', 'of what players do by chance', (text) => wholeNumber(text, 0, 2 ** 32 - 1), 1);
  for (const name of thresholdNames) command.addOption(thresholdOption(name));
  command.action(async (script: string | undefined, options: LoadtestOptions, self: Command) => {
    const run = runOf(self);
    const settings = await settingsOf(script, options, run.options);
    const signal = untilInterrupted();
    const report = await runLoadtest(settings, { signal, onProgress: progressOf(run) });
    if (run.terminal.interactive) process.stderr.write('\r\x1b[K');
    conclude(run, report, thresholdsOf(options), signal.aborted);
  });
  examples(withOutput(withTarget(command)), [
    ['atlas loadtest --players 200 --duration 1m', 'loadtest.ts of this folder, against the world of this folder'],
    ['atlas loadtest examples/sol/loadtest.ts --players 60', 'recorded human movement'],
    ['atlas loadtest --max-gap-p99 250 --max-lost 0 --json', 'for CI: exit code 9 if a threshold was missed'],
    ['atlas loadtest --url wss://play.example.com --tokens tokens.txt', 'a world elsewhere: only when named'],
  ]);
}

function thresholdOption(name: string): Option {
  const unit = /p99|max$/.test(name) ? 'ms' : 'count';
  return new Option(`--max-${name} <${unit}>`, `fail if ${name.replaceAll('-', ' ')} is higher`).argParser((text) =>
    figure(text, 0, 1e9),
  );
}

function figure(text: string, least: number, most: number): number {
  const n = Number(text);
  if (text.trim() === '' || !(n >= least && n <= most))
    throw new InvalidArgumentError(`It is a figure from ${least} to ${most}.`);
  return n;
}

function thresholdsOf(options: LoadtestOptions): Threshold[] {
  return thresholdNames.flatMap((name) => {
    const key = `max-${name}`.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) as `max${string}`;
    const most = options[key];
    return most === undefined ? [] : [{ name, most }];
  });
}

async function settingsOf(script: string | undefined, options: LoadtestOptions, shared: Options): Promise<LoadtestSettings> {
  const file = scriptFile(script);
  const urls = options.url ?? (await localGateways(shared));
  for (const url of urls) {
    const scheme = URL.parse(url)?.protocol;
    if (scheme !== 'ws:' && scheme !== 'wss:')
      throw new AtlasError('REQUEST_INVALID', `${url} is no gateway: one looks like wss://127.0.0.1:7777`);
  }
  return {
    script: file,
    urls,
    access: await accessOf(options, shared, urls),
    players: options.players,
    ratePerS: options.rate,
    durationS: options.duration,
    rampS: options.ramp ?? Math.min(limits.rampSMax, options.players / joinsPerS),
    joinTimeoutS: options.joinTimeout,
    prefix: options.prefix,
    seed: options.seed,
  };
}

function scriptFile(named: string | undefined): string {
  const file = named === undefined ? usualScripts.map((name) => resolve(name)).find((each) => existsSync(each)) : resolve(named);
  if (file !== undefined && existsSync(file)) return file;
  throw new AtlasError(
    'SCENARIO_INVALID',
    `there is no ${file ?? `${usualScripts[0]} in ${process.cwd()}`}. It is a module such as this:

  import { defineScenario } from '@horizon-atlas/loadtest';
  import { schema } from './schema.ts';

  export default defineScenario({
    schema,
    async player(atlas, ctx) {
      for await (const turn of ctx.turns()) atlas.send('chat/say', { text: \`\${ctx.name} says \${turn}\` });
    },
  });
`,
  );
}

async function localGateways(shared: Options): Promise<string[]> {
  const { admin } = await connectionOf(shared);
  const { items } = await listed(admin.gateways, {});
  const urls = items.filter(({ state }) => state === 'ready').map(({ url }) => url);
  if (urls.length === 0) throw new AtlasError('NOT_READY', 'no gateway of this world is ready');
  const elsewhere = urls.find((url) => !isLoopback(url));
  if (elsewhere !== undefined)
    throw new AtlasError('CONSENT_NEEDED', `${elsewhere} is not of this machine: name it by --url if you may load it`);
  return urls;
}

async function accessOf({ tokens, ca }: LoadtestOptions, shared: Options, urls: readonly string[]): Promise<LoadtestAccess> {
  if (tokens !== undefined || ca !== undefined || !urls.every(isLoopback)) {
    const list =
      tokens === undefined
        ? []
        : read(tokens)
            .split('\n')
            .map((line) => line.trim());
    return { tokens: list.filter((line) => line !== ''), ca: ca === undefined ? '' : readCertificates(ca) };
  }
  const { root } = await findRunning(shared);
  return { dataDir: root };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AtlasError('CONFIG_NOT_FOUND', `${file} cannot be read: ${(error as Error).message}`);
  }
}

function readCertificates(file: string): string {
  const text = read(file);
  try {
    new X509Certificate(text);
  } catch {
    throw new AtlasError('REQUEST_INVALID', `${file} holds no certificate in PEM, as --ca takes it`);
  }
  return text;
}

function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** On a terminal a line that is written over, elsewhere one each few seconds. */
function progressOf({ options, terminal }: Run) {
  let saidS = Number.NEGATIVE_INFINITY;
  return (step: 'gather' | 'measure' | 'settle', elapsedS: number, soFar: LoadtestReport) => {
    const line = progressLine(step, elapsedS, soFar);
    if (terminal.interactive) process.stderr.write(`\r\x1b[K${cut(line, terminal.width - 1)}`);
    else if (options.output === 'table' && elapsedS - saidS >= 5) {
      saidS = elapsedS;
      terminal.note(line);
    }
  };
}

function conclude(
  { options, terminal }: Run,
  report: LoadtestReport,
  thresholds: readonly Threshold[],
  interrupted: boolean,
): void {
  const judged = report.complete && !interrupted ? verdicts(report, thresholds) : [];
  terminal.print(render(options.output, { ...report, thresholds: judged }, () => reportLines(report, judged, terminal)));
  if (interrupted) process.exitCode = exitCodes.interrupted;
  else if (!report.complete) {
    const { wanted, joined } = report.players;
    throw new AtlasError('LOADTEST_INCOMPLETE', `${wanted - joined} of ${wanted} players did not join, so there are no figures`);
  } else if (judged.some(({ ok }) => !ok)) {
    const missed = judged.filter(({ ok }) => !ok).map(({ name }) => name);
    throw new AtlasError('THRESHOLD_MISSED', `missed: ${missed.join(', ')}`);
  }
}
