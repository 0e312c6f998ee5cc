/** `atlas logs`: what game servers and gateways print. Following goes on with whatever takes a process's place. */
import type { Admin, LogLine } from '@horizon-atlas/sdk-admin';
import type { Command } from 'commander';
import { find } from '../candidates.ts';
import { connectionOf, listed } from '../connection.ts';
import { clockTime } from '../figures.ts';
import { untilInterrupted } from '../interrupt.ts';
import { examples, type Run, runOf, wholeNumber, withOutput, withTarget } from '../options.ts';
import { renderLine } from '../output.ts';
import { cutMiddle, harmlessLine } from '../text-width.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly lines: number;
}

export function addLogs(program: Command): void {
  const command = program
    .command('logs')
    .argument('[process...]', 'servers, gateways, or regions; all when absent')
    .description('print what game servers and gateways print')
    .option('-f, --follow', 'go on as it is printed, until Ctrl-C')
    .option('-n, --lines <count>', 'begin with so many of the last lines of each', (text) => wholeNumber(text, 0, 10_000), 20)
    .action(async (typed: string[], { follow, lines }: LogsOptions, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const wanted = await wantedOf(admin, typed);
      const now = (await processesOf(admin)).filter(wanted.fits);
      let printed = 0;
      for (const each of now) {
        for (const line of await admin.logs(each.id, lines)) {
          printLine(run, each, line, wanted.several);
          printed++;
        }
      }
      // Silence would leave open whether it was understood.
      if (printed === 0 && lines > 0)
        run.terminal.note(now.length === 0 ? 'No such process runs now.' : 'Nothing has been printed yet.');
      if (follow) await followAll(run, admin, wanted, now);
    });
  examples(withOutput(withTarget(command)), [
    ['atlas logs', 'the last lines of all of them'],
    ['atlas logs -f alpha', 'whoever plays this region, now and after a crash'],
    ['atlas logs gateway_01JX -n 100 --json', ''],
  ]);
}

export interface LoggingProcess {
  readonly id: string;
  /** Of a server; empty for gateways and spares. */
  readonly region: string;
}

interface Wanted {
  fits(process: LoggingProcess): boolean;
  /** Lines say whose they are. */
  readonly several: boolean;
}

async function wantedOf(admin: Admin, typed: readonly string[]): Promise<Wanted> {
  if (typed.length === 0) return { fits: () => true, several: true };
  const found = await Promise.all(typed.map((each) => find(admin, each, ['server', 'gateway', 'region'])));
  return {
    fits: ({ id, region }) => found.some((each) => (each.kind === 'region' ? region === each.id : id === each.id)),
    several: found.length > 1,
  };
}

async function processesOf(admin: Admin): Promise<LoggingProcess[]> {
  const [servers, gateways] = await Promise.all([listed(admin.servers, {}), listed(admin.gateways, {})]);
  return [...servers.items, ...gateways.items.map(({ id }) => ({ id, region: '' }))];
}

/** Ends with Ctrl-C, or with a refusal. */
async function followAll(run: Run, admin: Admin, wanted: Wanted, first: readonly LoggingProcess[]): Promise<void> {
  const interrupted = untilInterrupted();
  const followed = new Map<string, () => void>();
  const follow = (process: LoggingProcess) => {
    if (followed.has(process.id) || !wanted.fits(process)) return;
    const stop = admin.followLogs(
      process.id,
      (line) => printLine(run, process, line, wanted.several),
      (error) => {
        // One that is gone is not asked for again; its id never comes back.
        if (error && error.status !== 404) fail(error);
      },
    );
    followed.set(process.id, stop);
  };
  let fail: (error: Error) => void = () => {};
  await new Promise<void>((resolve, reject) => {
    fail = reject;
    for (const each of first) follow(each);
    const watch = admin.watch(['servers', 'gateways'], {
      servers(servers) {
        for (const each of servers) follow(each);
      },
      gateways(gateways) {
        for (const { id } of gateways) follow({ id, region: '' });
      },
      state(state, error) {
        if (state === 'closed' && error) reject(error);
      },
    });
    interrupted.addEventListener('abort', () => {
      watch.close();
      resolve();
    });
  }).finally(() => {
    for (const stop of followed.values()) stop();
  });
}

function printLine({ options, terminal }: Run, process: LoggingProcess, line: LogLine, several: boolean): void {
  const text = renderLine(options.output, { process: process.id, region: process.region, ...line }, () =>
    logText(process, line, several, terminal.paint.dim),
  );
  terminal.print(text);
}

/** Lines are never cut: who reads a log wants all of it. */
export function logText(
  { id, region }: LoggingProcess,
  { atMs, stream, text }: LogLine,
  several: boolean,
  dim: (text: string) => string,
): string {
  const who = several ? `${region === '' ? '' : `${harmlessLine(region)}/`}${cutMiddle(id, 14)}` : '';
  const lead = [atMs === null ? '' : clockTime(atMs), who, stream === 'stderr' ? 'err' : '']
    .filter((part) => part !== '')
    .join(' ');
  return `${lead === '' ? '' : `${dim(lead)}  `}${harmlessLine(text)}`;
}
