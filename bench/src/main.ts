/** `npm run bench -- NAME [--json]`: runs a bench several times, reports, and exits with 1 if a bar fails or a peer is missing. */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Bench, type BenchContext, type Outcome, PeerMissing } from './bench.ts';
import { Helpers } from './helper-processes.ts';
import { currentCommit, machineClass } from './machine.ts';
import { nearestName } from './nearest-name.ts';
import { cpuOf, cpuOfTree } from './proc.ts';
import { formatReport, summarize } from './report.ts';

const DEADLINE_MS = 5 * 60 * 1000;
const RUNS = 3;
const USAGE = 'npm run bench -- NAME [--json] [--runs N] [--quick], or --list';

// Made by the bench that measures starts, and by nobody while something is measured.
process.env.ATLAS_BUNDLES ??= 'keep';

async function main(): Promise<number> {
  const names = readdirSync(new URL('./benches/', import.meta.url))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -3))
    .sort();
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      runs: { type: 'string' },
    },
  });
  if (values.list) {
    for (const name of names) console.log(`${name.padEnd(10)} ${(await load(name)).about}`);
    return 0;
  }
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) return complain(`usage: ${USAGE}\nbenches: ${names.join(', ')}`);
  if (!names.includes(name)) {
    const meant = nearestName(name, names);
    return complain(`no bench "${name}"${meant ? `; did you mean ${meant}?` : ''}\nbenches: ${names.join(', ')}`);
  }
  const bench = await load(name);
  const runs = values.runs === undefined ? (values.quick ? 1 : (bench.runs ?? RUNS)) : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) return complain(`--runs takes a whole number from 1 on, not "${values.runs}"`);
  const report = summarize(name, currentCommit(), machineClass(), await runAll(bench, runs, values.quick));
  console.log(formatReport(report, bench.method));
  if (values.json) console.log(JSON.stringify(report));
  return report.bars.every((bar) => bar.ok) ? 0 : 1;
}

async function load(name: string): Promise<Bench> {
  const module = (await import(`./benches/${name}.ts`)) as Record<string, Bench>;
  const [bench] = Object.values(module);
  if (!bench) throw new Error(`benches/${name}.ts exports no bench`);
  return bench;
}

async function runAll(bench: Bench, runs: number, quick: boolean): Promise<Outcome[]> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const outcomes: Outcome[] = [];
  for (let run = 1; run <= runs; run++) {
    log(`run ${run} of ${runs}`);
    outcomes.push(await runOnce(bench, { run, quick, signal: deadline }));
  }
  return outcomes;
}

async function runOnce(bench: Bench, about: Pick<BenchContext, 'run' | 'quick' | 'signal'>): Promise<Outcome> {
  const helpers = new Helpers();
  try {
    return await Promise.race([
      bench.run({
        ...about,
        log,
        cpuOf,
        cpuOfTree,
        spawn: (argv, options) => helpers.spawn(argv, options),
        fork: (file, args, options) => helpers.fork(file, args, options),
      }),
      outOfTime(about.signal),
    ]);
  } finally {
    await helpers.stopAll();
  }
}

function outOfTime(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(new Error(`the bench did not end within ${DEADLINE_MS / 60_000} minutes`));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

function complain(text: string): number {
  log(text);
  return 1;
}

// Ending by `exit` lets the helpers be killed first; by the signal itself they would be left.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    const expected = error instanceof PeerMissing || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
    log(expected ? error.message : (error.stack ?? String(error)));
    process.exit(1);
  },
);
