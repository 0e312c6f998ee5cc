/** `atlas ticket`: tickets of matchmaking; make one, cancel one, answer for one, follow one. */
import type { Ticket } from '@horizon-atlas/sdk-admin';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Connection, connectionOf, listed } from '../connection.ts';
import { untilInterrupted } from '../interrupt.ts';
import { printList } from '../list-command.ts';
import { ticketColumns } from '../match-columns.ts';
import { examples, type Run, runOf, withOutput, withTarget } from '../options.ts';
import { renderLine } from '../output.ts';

const statuses = [
  'QUEUED',
  'SEARCHING',
  'REQUIRES_ACCEPTANCE',
  'PLACING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMED_OUT',
] as const;

interface CreateOptions {
  readonly attribute: Record<string, string | number>;
  readonly latency: Record<string, number>;
  readonly priority: number;
  readonly follow?: boolean;
}

export function addTicket(program: Command): void {
  const command = program
    .command('ticket')
    .description('list tickets that wait for a match, or were over in the last minutes')
    .option('--queue <name>', 'only those of this queue')
    .option('--player <id>', 'only those of this player')
    .addOption(new Option('--status <status>', 'only those that are so far').choices(statuses))
    .action(async (query: { queue?: string; player?: string; status?: Ticket['status'] }, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      const { queue, player, status } = query;
      const asked = { ...(queue ? { queue } : {}), ...(player ? { player } : {}), ...(status ? { status } : {}) };
      printList(
        run,
        await listed(admin.matchmaking.tickets, asked, 1_000),
        ticketColumns(Date.now()),
        'Nobody waits for a match.',
      );
    });
  examples(withOutput(withTarget(command)), [
    ['atlas ticket --queue duel', ''],
    ['atlas ticket create duel ann --follow', 'queue a player and see where it leads'],
    ['atlas ticket cancel ticket_01J…', ''],
  ]);
  addCreate(command);
  addFollow(command);
  addAnswers(command);
}

function addCreate(ticket: Command): void {
  const command = ticket
    .command('create')
    .description('queue a player, or several as a party')
    .argument('<queue>', 'as the configuration names it')
    .argument('<player...>', 'their ids')
    .option('-a, --attribute <name=value>', 'of each of them; may be repeated', pairs<string | number>(textOrNumber), {})
    .option('-l, --latency <place=ms>', 'of each of them; may be repeated', pairs(numberOf), {})
    .option('--priority <number>', 'from -100 to 100', numberOf, 0)
    .option('-f, --follow', 'go on until it is over')
    .action(async (queue: string, players: string[], options: CreateOptions, self: Command) => {
      const run = runOf(self);
      const connection = await connectionOf(run.options);
      const { attribute: attributes, latency: latencyMs, priority, follow } = options;
      const wishes = { queue, priority, players: players.map((id) => ({ id, attributes, latencyMs })) };
      const made = await connection.admin.matchmaking.createTicket(wishes);
      if (follow) await followed(run, connection, made.id);
      else print(run, made);
    });
  examples(withOutput(withTarget(command)), [['atlas ticket create duel ann -a skill=1600 -l eu=20 --follow', '']]);
}

function addFollow(ticket: Command): void {
  const command = ticket
    .command('watch')
    .description('print a ticket as it changes, until it is over')
    .argument('<ticket>', 'its id')
    .action(async (id: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      await followed(run, await connectionOf(run.options), id);
    });
  examples(withOutput(withTarget(command)), [['atlas ticket watch ticket_01J… --json', 'one JSON value a line']]);
}

function addAnswers(ticket: Command): void {
  const cancel = ticket
    .command('cancel')
    .description('take a ticket out of its queue; once this is done it is in no match')
    .argument('<ticket>', 'its id')
    .action(async (id: string, _options: unknown, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      await admin.matchmaking.cancelTicket(id);
      print(run, await admin.matchmaking.ticket(id));
    });
  examples(withOutput(withTarget(cancel)), [['atlas ticket cancel ticket_01J…', '']]);
  const accept = ticket
    .command('accept')
    .description('say yes for the players of a ticket to the match that was found')
    .argument('<ticket>', 'its id')
    .option('--reject', 'say no')
    .action(async (id: string, { reject }: { reject?: boolean }, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      print(run, await admin.matchmaking.accept(id, !reject));
    });
  examples(withOutput(withTarget(accept)), [['atlas ticket accept ticket_01J… --reject', '']]);
}

async function followed(run: Run, { admin }: Connection, id: string): Promise<void> {
  const interrupted = untilInterrupted();
  await new Promise<void>((resolve, reject) => {
    const stop = admin.matchmaking.watchTicket(
      id,
      (ticket) => print(run, ticket),
      (error) => (error ? reject(error) : resolve()),
    );
    interrupted.addEventListener('abort', () => {
      stop();
      resolve();
    });
  });
}

function print({ options, terminal }: Run, ticket: Ticket): void {
  terminal.print(renderLine(options.output, ticket, () => lineOf(ticket)));
}

function lineOf({ id, status, placement, message, estimatedWaitMs }: Ticket): string {
  const seats = (placement?.seats ?? []).map(
    ({ player, team, address }) => `${player}${team === '' ? '' : ` (${team})`} → ${address}`,
  );
  const wait = estimatedWaitMs === null ? '' : `about ${Math.ceil(estimatedWaitMs / 1000)} s`;
  return [id, status, wait, message, placement ? `on ${placement.server}` : '', ...seats]
    .filter((text) => text !== '')
    .join('  ');
}

function pairs<T>(read: (text: string) => T) {
  return (text: string, before: Record<string, T>): Record<string, T> => {
    const at = text.indexOf('=');
    if (at <= 0) throw new InvalidArgumentError('It is a name, =, and a value.');
    return { ...before, [text.slice(0, at)]: read(text.slice(at + 1)) };
  };
}

function textOrNumber(text: string): string | number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function numberOf(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It is a number.');
  return Number(text);
}
