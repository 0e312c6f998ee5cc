/** `atlas players`: who is in the world, and who was until a moment ago. */
import { AtlasError } from '@horizon-atlas/protocol';
import type { Player, PlayerQuery } from '@horizon-atlas/sdk-admin';
import { type Command, Option } from 'commander';
import { connectionOf, limits, listed } from '../connection.ts';
import { printList } from '../list-command.ts';
import { examples, runOf, wholeNumber, withOutput, withTarget } from '../options.ts';
import { playerColumns } from '../resource-columns.ts';

const states = ['joining', 'online', 'away', 'gone'] as const satisfies readonly Player['state'][];
const sorts = ['name', 'region', 'ping', 'handoffs', 'gap', 'joined'] as const;

interface PlayersOptions {
  readonly region?: string;
  readonly state?: Player['state'];
  readonly limit: number;
  readonly sort?: (typeof sorts)[number];
}

export function addPlayers(program: Command): void {
  const command = program
    .command('players')
    .argument('[text]', 'only those with this in their name or id')
    .description('list players: region, ping, handoffs, how they left')
    .option('--region <id>', 'only those in this region')
    .addOption(new Option('--state <state>', 'only those in this state').choices(states))
    .addOption(new Option('--sort <by>', 'the order; joined first when absent').choices(sorts))
    .option('-n, --limit <count>', 'at most so many', (text) => wholeNumber(text, 1, 1_000_000), limits.items)
    .action(async (text: string | undefined, { region, state, limit, sort }: PlayersOptions, self: Command) => {
      const run = runOf(self);
      const { admin } = await connectionOf(run.options);
      if (text !== undefined && text.length > 64)
        throw new AtlasError('REQUEST_INVALID', 'a part of a name has at most 64 characters');
      const query: PlayerQuery = {
        ...(text !== undefined && { q: text }),
        ...(region !== undefined && { region }),
        ...(state !== undefined && { state }),
      };
      const found = await listed(admin.players, query, limit);
      const items = sort === undefined ? found.items : [...found.items].sort(orders[sort]);
      printList(run, { items, total: found.total }, playerColumns(Date.now()), 'Nobody is there.');
    });
  examples(withOutput(withTarget(command)), [
    ['atlas players', ''],
    ['atlas players pilot --region alpha', 'whose name or id has "pilot" in it'],
    ['atlas players --sort ping -n 10', ''],
    ['atlas players --state gone --json', 'who left in the last minutes, and why'],
  ]);
}

/** Largest first for figures; what is not known last. */
const by = (of: (player: Player) => number | null) => (a: Player, b: Player) => (of(b) ?? -1) - (of(a) ?? -1);
const orders: Readonly<Record<(typeof sorts)[number], (a: Player, b: Player) => number>> = {
  name: (a, b) => a.name.localeCompare(b.name),
  region: (a, b) => a.region.localeCompare(b.region) || a.name.localeCompare(b.name),
  ping: by(({ pingMs }) => pingMs),
  handoffs: by(({ handoffs }) => handoffs),
  gap: by(({ lastGapMs }) => lastGapMs),
  joined: (a, b) => a.joinedAtMs - b.joinedAtMs,
};
