/** `atlas describe`: everything about one region, server, gateway or player. */

import { nearest } from '@horizon-atlas/atlas';
import { AtlasError } from '@horizon-atlas/protocol';
import type { Admin } from '@horizon-atlas/sdk-admin';
import type { Command } from 'commander';
import { type Found, find, kinds } from '../candidates.ts';
import { connectionOf, listed } from '../connection.ts';
import { type Described, describeLines } from '../describe.ts';
import { examples, runOf, withOutput, withTarget } from '../options.ts';
import { render } from '../output.ts';

export const limits = { players: 20, handoffs: 10, events: 10 } as const;

export function addDescribe(program: Command): void {
  const command = program
    .command('describe')
    .usage('[options] [kind] <id>')
    .argument('<words...>', `an id or name, or the beginning of one; before it ${kinds.join(', ')} if it could be several`)
    .description('show all that is known of one thing, and what happened to it')
    .action(async (words: string[], _options: unknown, self: Command) => {
      const { options, terminal } = runOf(self);
      const { admin } = await connectionOf(options);
      const described = await gather(admin, await meant(admin, words));
      const { found, ...rest } = described;
      const whole = { kind: found.kind, [found.kind]: found.it, ...rest };
      terminal.print(render(options.output, whole, () => describeLines(described, terminal, Date.now())));
    });
  examples(withOutput(withTarget(command)), [
    ['atlas describe alpha', 'whatever is called so'],
    ['atlas describe player bot-7', ''],
    ['atlas describe server_01…TVWXYZ', 'as a narrow table shortened it'],
    ['atlas describe gateway 0 --json', ''],
  ]);
}

async function meant(admin: Admin, words: readonly string[]): Promise<Found> {
  const [first = '', second, ...more] = words;
  if (second === undefined) return find(admin, first, kinds);
  const kind = kinds.find((each) => each === first.toLowerCase().replace(/s$/, ''));
  if (kind !== undefined && more.length === 0) return find(admin, second, [kind]);
  // A name with blanks in it, not quoted.
  if (kind === undefined && nearest(first, kinds) === undefined) return find(admin, words.join(' '), kinds);
  throw new AtlasError(
    'REQUEST_INVALID',
    `there is no kind ${first}; did you mean ${nearest(first, kinds) ?? kinds.join(', ')}?`,
  );
}

async function gather(admin: Admin, found: Found): Promise<Described> {
  const none = { players: [], handoffs: [], events: [] };
  switch (found.kind) {
    case 'region': {
      const [players, handoffs, events] = await Promise.all([
        listed(admin.players, { region: found.id }, limits.players),
        listed(admin.handoffs, { region: found.id }, limits.handoffs),
        latest(admin, { region: found.id }),
      ]);
      return { found, players: players.items, handoffs: handoffs.items, events };
    }
    case 'player': {
      const [handoffs, events] = await Promise.all([
        listed(admin.handoffs, { player: found.id }, limits.handoffs),
        latest(admin, { player: found.id }),
      ]);
      return { ...none, found, handoffs: handoffs.items, events };
    }
    case 'server': {
      const { region } = found.it;
      const players = region === '' ? none.players : (await listed(admin.players, { region }, limits.players)).items;
      const mine = players.filter(({ server }) => server === found.id);
      const events = (await listed(admin.events, {})).items.filter(({ server }) => server === found.id).slice(-limits.events);
      return { ...none, found, players: mine, events };
    }
    case 'gateway': {
      const events = (await listed(admin.events, {})).items.filter(({ server }) => server === found.id).slice(-limits.events);
      return { ...none, found, events };
    }
  }
}

/** Events are listed oldest first. */
async function latest(admin: Admin, query: { region?: string; player?: string }): Promise<Described['events']> {
  return (await listed(admin.events, query)).items.slice(-limits.events);
}
