/** `atlas mm`: matchmaking queues, why a ticket waits, and what other rules would have made of a recording. */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type FunctionFigures,
  MatchFunctions,
  type RecordedLine,
  type ReplayFigures,
  type RuleSet,
  readLine,
  readRuleSet,
  recorded,
  replay,
  replayWith,
} from '@horizon-atlas/matchmaker';
import { AtlasError } from '@horizon-atlas/protocol';
import { systemClock } from '@horizon-atlas/runtime';
import type { Command } from 'commander';
import { connectionOf } from '../connection.ts';
import { duration } from '../figures.ts';
import { printList } from '../list-command.ts';
import { queueColumns } from '../match-columns.ts';
import { examples, runOf, wholeNumber, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';
import { fields, table } from '../table.ts';

export function addMatchmaking(program: Command): void {
  const command = program
    .command('mm')
    .description('list matchmaking queues: who waits, how long, and why')
    .action(async (_options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const items = await admin.matchmaking.queues();
      printList(run, { items, total: items.length }, queueColumns, 'No queues: the configuration has no matchmaking.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas mm', ''],
    ['atlas mm explain ticket_01J…', 'why it waits'],
    ['atlas mm replay .atlas/recordings/duel.ndjson --rules new.json', 'what other rules would have made of it'],
  ]);
  addExplain(command);
  addReplay(command);
}

function addExplain(mm: Command): void {
  const command = mm
    .command('explain')
    .description('tell why a ticket waits: who could play with it, and what keeps the others apart')
    .argument('<ticket>', 'its id, or that of a player who waits')
    .action(async (what: string, _options: unknown, self: Command) => {
      const { options, terminal } = runOf(self);
      const { admin } = await connectionOf(options);
      const { ticket: waiting } = what.startsWith('ticket_') ? { ticket: what } : await admin.matchmaking.whereIs(what);
      if (waiting === '') throw new AtlasError('TICKET_UNKNOWN', `player ${what} waits in no ticket`);
      const told = await admin.matchmaking.explain(waiting);
      const { ticket, waiting: facts, text } = told;
      terminal.print(
        render(options.output, told, () => [
          text,
          '',
          ...fields(
            [
              ['ticket', ticket.id],
              ['queue', ticket.queue],
              ['status', ticket.status],
              ['players', ticket.players.join(' ')],
              ...(facts
                ? ([
                    ['waited', duration(facts.waitedMs / 1000)],
                    ['rules', `level ${facts.level + 1} of ${facts.levels}`],
                    [
                      'could play',
                      `${facts.playable.tickets} tickets with ${facts.playable.players} players, of ${facts.others} others`,
                    ],
                  ] as const)
                : []),
            ],
            { width: terminal.width, paint: terminal.paint },
          ),
          ...(facts && facts.apart.length > 0
            ? ['', ...table(apartColumns, facts.apart, { width: terminal.width, paint: terminal.paint })]
            : []),
        ]),
      );
    });
  examples(withOutput(withTarget(command)), [['atlas mm explain ann', 'the ticket of a player']]);
}

const apartColumns = [
  { title: 'TICKETS', rank: 0, right: true, cell: ({ tickets }: { tickets: number; reason: string }) => String(tickets) },
  { title: 'KEPT APART BY', rank: 0, min: 12, cell: ({ reason }: { tickets: number; reason: string }) => reason },
];

function addReplay(mm: Command): void {
  const command = mm
    .command('replay')
    .description('let the tickets of a recording come again, in virtual time, to a rule set; no Atlas is asked')
    .argument('<recording>', 'the file of a queue with recording: true, recordings/QUEUE.ndjson of the data directory')
    .requiredOption('--rules <file>', 'the rule set to try: FlexMatch JSON')
    .option('--function <file>', 'a match function to try in place of the engine: a module with a default export')
    .option('--every <ms>', 'from one call of it to the next', (text) => wholeNumber(text, 50, 60_000), 500)
    .option('--timeout <ms>', 'a call of it that lasts longer is ended', (text) => wholeNumber(text, 10, 60_000), 1_000)
    .action(async (file: string, { rules, function: module, ...calls }: ReplayOptions, self: Command) => {
      const { options, terminal } = runOf(self);
      const { lines, skipped } = await linesOf(file);
      const was = recorded(lines);
      const set = ruleSetOf(rules);
      const would: ReplayFigures & Partial<FunctionFigures> =
        module === undefined ? replay(set, lines) : await replayedBy(module, calls, set, lines);
      if (skipped > 0) terminal.note(`${skipped} lines are none of a recording and were left out.`);
      for (const refusal of would.refusals) terminal.note(`Refused by the new rules: ${refusal}`);
      const { proposalsRefused = 0, proposalRefusals = [] } = would;
      if (proposalsRefused > 0)
        terminal.note(`${proposalsRefused} proposals were refused, such as: ${proposalRefusals.join('; ')}`);
      terminal.print(
        render(options.output, { recorded: was, replayed: would }, () =>
          table(figureColumns, figureRows(was, would), { width: terminal.width, paint: terminal.paint }),
        ),
      );
    });
  examples(withOutput(command), [
    ['atlas mm replay .atlas/recordings/duel.ndjson --rules new.json', ''],
    ['atlas mm replay .atlas/recordings/duel.ndjson --rules new.json --function by-map.ts', 'a match function of your own'],
  ]);
}

interface ReplayOptions {
  readonly rules: string;
  readonly function?: string;
  readonly every: number;
  readonly timeout: number;
}

async function replayedBy(
  module: string,
  { every: everyMs, timeout: timeoutMs }: Pick<ReplayOptions, 'every' | 'timeout'>,
  set: RuleSet,
  lines: readonly RecordedLine[],
) {
  if (!existsSync(module)) throw new AtlasError('ID_UNKNOWN', `there is no match function ${module}`);
  // As a queue calls it: in a process of its own, so that one that hangs ends here too.
  const functions = new MatchFunctions(systemClock(), new Map([[set.name, { file: resolve(module), timeoutMs }]]));
  try {
    return await replayWith(set, lines, { everyMs, propose: (pool) => functions.call(set.name, pool) });
  } finally {
    await functions.close();
  }
}

interface FigureRow {
  readonly what: string;
  readonly was: string;
  readonly would: string;
}

const figureColumns = [
  { title: '', rank: 0, min: 10, cell: ({ what }: FigureRow) => what },
  { title: 'RECORDED', rank: 0, right: true, cell: ({ was }: FigureRow) => was },
  { title: 'REPLAYED', rank: 0, right: true, cell: ({ would }: FigureRow) => would },
];

function figureRows(was: ReplayFigures, would: ReplayFigures): readonly FigureRow[] {
  const row = (what: string, of: (figures: ReplayFigures) => string): FigureRow => ({ what, was: of(was), would: of(would) });
  const wait = (of: (waits: NonNullable<ReplayFigures['waitMs']>) => number) => (figures: ReplayFigures) =>
    figures.waitMs ? duration(of(figures.waitMs) / 1000) : '–';
  const attributes = [...new Set([...Object.keys(was.spreads), ...Object.keys(would.spreads)])].sort();
  return [
    row('tickets', ({ tickets }) => String(tickets)),
    row('refused', ({ refused }) => String(refused)),
    row('cancelled', ({ cancelled }) => String(cancelled)),
    row('matches', ({ matches }) => String(matches)),
    row('tickets matched', ({ matched, tickets }) => `${matched} (${Math.round((100 * matched) / Math.max(1, tickets))} %)`),
    row(
      'wait, half of them',
      wait(({ p50 }) => p50),
    ),
    row(
      'wait, 95 %',
      wait(({ p95 }) => p95),
    ),
    row(
      'wait, longest',
      wait(({ max }) => max),
    ),
    ...attributes.map((name) =>
      row(`${name} apart in a match`, ({ spreads }) => (spreads[name] === undefined ? '–' : spreads[name].toFixed(1))),
    ),
  ];
}

async function linesOf(file: string): Promise<{ readonly lines: readonly RecordedLine[]; readonly skipped: number }> {
  if (!existsSync(file)) throw new AtlasError('ID_UNKNOWN', `there is no recording ${file}`);
  const lines: RecordedLine[] = [];
  let skipped = 0;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const line = readLine(text);
    if (line) lines.push(line);
    else if (text.trim() !== '') skipped++;
  }
  return { lines, skipped };
}

function ruleSetOf(file: string) {
  if (!existsSync(file)) throw new AtlasError('ID_UNKNOWN', `there is no rule set ${file}`);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new AtlasError('RULE_SET_INVALID', `${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = readRuleSet(document);
  if (read.ok) return read.ruleSet;
  throw new AtlasError(
    'RULE_SET_INVALID',
    `${file}\n${read.complaints.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}`,
  );
}
