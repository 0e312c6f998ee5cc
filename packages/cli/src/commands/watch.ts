/** `atlas watch`: what happens, a line each, as it happens. */

import { AtlasError } from '@horizon-atlas/protocol';
import type { Event, EventQuery } from '@horizon-atlas/sdk-admin';
import { type Command, Option } from 'commander';
import { type Connection, connectionOf, listed } from '../connection.ts';
import { clockTime } from '../figures.ts';
import { untilInterrupted } from '../interrupt.ts';
import { examples, type Run, runOf, timeOption, wholeNumber, withOutput, withTarget } from '../options.ts';
import { renderLine } from '../output.ts';
import { eventTone } from '../resource-columns.ts';
import type { Terminal } from '../terminal.ts';
import { cut, harmless } from '../text-width.ts';

const tones = ['good', 'bad', 'plain'] as const satisfies readonly Event['tone'][];

interface WatchOptions {
  readonly type?: string;
  readonly tone?: Event['tone'];
  readonly region?: string;
  readonly player?: string;
  readonly last: number;
  readonly until?: string;
  readonly timeout?: number;
}

export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .description('print events as they happen, a line each, until Ctrl-C')
    .option('--type <prefix>', 'only those whose type begins so, such as region. or player.joined')
    .addOption(new Option('--tone <tone>', 'only good, bad or plain news').choices(tones))
    .option('--region <id>', 'only those about this region')
    .option('--player <id>', 'only those about this player')
    .option('-n, --last <count>', 'begin with so many of the latest', (text) => wholeNumber(text, 0, 10_000), 0)
    .option('--until <prefix>', 'end after the first one whose type begins so')
    .addOption(timeOption('--timeout <time>', 'end after this, such as 30s; with --until that is a failure', 86_400))
    .action(async (filter: WatchOptions, self: Command) => {
      const run = runOf(self);
      await watch(run, await connectionOf(run.options), filter);
    });
  examples(withOutput(withTarget(command)), [
    ['atlas watch', ''],
    ['atlas watch -n 20 --tone bad', 'what went wrong, and goes wrong'],
    ['atlas watch --type region. --json | jq .text', 'one JSON value a line'],
    ['atlas watch --until region.active --timeout 30s', 'for scripts: wait for a recovery'],
  ]);
}

async function watch(run: Run, { admin }: Connection, filter: WatchOptions): Promise<void> {
  const { terminal, options } = run;
  const interrupted = untilInterrupted();
  // The stream begins where the list ends, so nothing is missed or comes twice.
  const before = await listed(admin.events, {});
  const wanted = (event: Event) => matches(event, filter);
  const past = filter.last === 0 ? [] : before.items.filter(wanted).slice(-filter.last);
  const show = (event: Event) => terminal.print(renderLine(options.output, event, () => eventLine(event, terminal)));
  for (const event of past) show(event);
  await new Promise<void>((resolve, reject) => {
    const timer = filter.timeout === undefined ? undefined : setTimeout(() => end(late(filter)), filter.timeout * 1000);
    const end = (error?: Error) => {
      clearTimeout(timer);
      stream.close();
      if (error) reject(error);
      else resolve();
    };
    interrupted.addEventListener('abort', () => end(), { once: true });
    const stream = admin.watch(
      ['events'],
      {
        events(event) {
          if (wanted(event)) show(event);
          if (filter.until !== undefined && event.type.startsWith(filter.until)) end();
        },
        lost: () => terminal.note('Some events are missing here: more happened than Atlas keeps.'),
        state(state, error) {
          if (state === 'waiting') terminal.note('The stream broke; trying again.');
          if (state === 'closed' && error) end(error);
        },
      },
      { after: before.items.at(-1)?.id ?? 0 },
    );
  });
}

function late({ until }: WatchOptions): Error | undefined {
  return until === undefined ? undefined : new AtlasError('NOT_READY', `no event of type ${harmless(until)} came in time`);
}

export function matches(event: Event, { type, tone, region, player }: Omit<EventQuery, 'limit'>): boolean {
  return (
    (type === undefined || event.type.startsWith(type)) &&
    (tone === undefined || event.tone === tone) &&
    (region === undefined || event.region === region) &&
    (player === undefined || event.player === player)
  );
}

/** `09:03:07  region.active          text`: the type goes first where there is no room. */
export function eventLine({ atMs, type, text, tone }: Event, { width, paint }: Pick<Terminal, 'width' | 'paint'>): string {
  const time = clockTime(atMs);
  const typed = width < 72 ? '' : `${harmless(type).padEnd(20)}  `;
  const room = width - time.length - 2 - typed.length;
  return `${paint.dim(`${time}  ${typed}`)}${eventTone(tone, paint)(cut(text, room))}`;
}
