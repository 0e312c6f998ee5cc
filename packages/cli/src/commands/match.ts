/** `atlas match`: matches, and one of them from ticket to result. */
import type { Match } from '@horizon-atlas/sdk-admin';
import { type Command, Option } from 'commander';
import { connectionOf, listed } from '../connection.ts';
import { clockTime, dayTime, duration } from '../figures.ts';
import { printList } from '../list-command.ts';
import { matchColumns } from '../match-columns.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';
import { fields, table } from '../table.ts';

const stages = ['accepting', 'placing', 'active', 'ended'] as const;

export function addMatch(program: Command): void {
  const command = program
    .command('match')
    .description('list matches, or show one from its oldest ticket to its result')
    .argument('[match]', 'its id')
    .option('--queue <name>', 'only those of this queue')
    .option('--player <id>', 'only those of this player')
    .addOption(new Option('--stage <stage>', 'only those that are so far').choices(stages))
    .action(async (id: string | undefined, query: { queue?: string; player?: string; stage?: Match['stage'] }, self: Command) => {
      const run = runOf(self);
      const { options, terminal } = run;
      const { admin } = await connectionOf(options);
      if (id === undefined) {
        const { queue, player, stage } = query;
        const asked = { ...(queue ? { queue } : {}), ...(player ? { player } : {}), ...(stage ? { stage } : {}) };
        printList(run, await listed(admin.matchmaking.matches, asked, 1_000), matchColumns(Date.now()), 'No matches of late.');
        return;
      }
      const match = await admin.matchmaking.match(id);
      const space = { width: terminal.width, paint: terminal.paint };
      terminal.print(
        render(options.output, match, () => [
          ...fields(pairsOf(match), space),
          '',
          ...table(rosterColumns, rosterOf(match), { ...space, indent: 2 }),
          '',
          ...table(stepColumns(match.timeline[0]?.atMs ?? 0), match.timeline, { ...space, indent: 2 }),
        ]),
      );
    });
  examples(withOutput(withTarget(command)), [
    ['atlas match', ''],
    ['atlas match --stage active --queue duel', ''],
    ['atlas match match_01J… --json', 'one of them, whole'],
  ]);
}

function pairsOf(match: Match): (readonly [string, string])[] {
  const { id, queue, stage, outcome, place, level, server, fleet, backfill, result } = match;
  const dash = (text: string) => (text === '' ? '–' : text);
  return [
    ['match', id],
    ['queue', queue],
    ['stage', outcome === '' ? stage : `${stage}: ${outcome}`],
    ['server', dash(server)],
    ['fleet', fleet],
    ['place', dash(place)],
    ['rules', `level ${level + 1}`],
    ['backfill', backfill ? 'its free places are filled' : 'off'],
    [
      'result',
      result
        ? result.teams.map(({ name, rank, score }) => `${rank}. ${name}${score === undefined ? '' : ` (${score})`}`).join('  ')
        : '–',
    ],
  ];
}

interface RosterRow {
  readonly team: string;
  readonly player: string;
  readonly ticket: string;
  readonly left: boolean;
}

function rosterOf({ teams }: Match): readonly RosterRow[] {
  return teams.flatMap(({ name, players }) => players.map(({ id, ticket, left }) => ({ team: name, player: id, ticket, left })));
}

const rosterColumns = [
  { title: 'TEAM', rank: 0, cell: ({ team }: RosterRow) => team },
  { title: 'PLAYER', rank: 0, min: 8, cell: ({ player }: RosterRow) => player },
  { title: 'TICKET', rank: 1, min: 12, id: true, cell: ({ ticket }: RosterRow) => ticket },
  { title: '', rank: 2, cell: ({ left }: RosterRow) => (left ? 'has left' : '') },
];

type Step = Match['timeline'][0];

const stepColumns = (startMs: number) => [
  { title: 'AT', rank: 0, cell: ({ atMs }: Step) => (Date.now() - atMs > 86_400_000 ? dayTime(atMs) : clockTime(atMs)) },
  { title: 'AFTER', rank: 1, right: true, cell: ({ atMs }: Step) => duration((atMs - startMs) / 1000) },
  { title: 'WHAT', rank: 0, cell: ({ what }: Step) => what },
  { title: '', rank: 2, min: 10, cell: ({ text }: Step) => text },
];
