/** `atlas describe`: everything about one region, server, gateway, player, fleet, game server or match. */

import { nearest } from '@horizon-atlas/atlas';
import { AtlasError } from '@horizon-atlas/protocol';
import type { Admin, Event } from '@horizon-atlas/sdk-admin';
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
      const { around, ...told } = rest;
      const whole = { kind: found.kind, [found.kind]: found.it, ...told, ...around };
      terminal.print(render(options.output, whole, () => describeLines(described, terminal, Date.now())));
    });
  examples(withOutput(withTarget(command)), [
    ['atlas describe alpha', 'whatever is called so'],
    ['atlas describe player bot-7', ''],
    ['atlas describe server_01…TVWXYZ', 'as a narrow table shortened it'],
    ['atlas describe gateway 0 --json', ''],
    ['atlas describe fleet arena', 'its version, its size and why, its servers'],
    ['atlas describe match match_01…', ''],
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
    case 'fleet': {
      const [servers, rollout, scaling, events] = await Promise.all([
        listed(admin.gameServers, { fleet: found.id }),
        admin.rollout(found.id),
        found.it.policy === null ? undefined : admin.scaling(found.id),
        about(admin, ['gameserver.', 'rollout.'], ({ fields }) => fields.fleet === found.id),
      ]);
      return { ...none, found, events, around: { servers: servers.items, rollout, scaling } };
    }
    case 'gameserver':
      return { ...none, found, events: await about(admin, ['gameserver.', 'match.'], ({ server }) => server === found.id) };
    case 'match':
      return { ...none, found, events: await about(admin, ['match.'], ({ fields }) => fields.match === found.id) };
    case 'gateway': {
      const events = (await listed(admin.events, {})).items.filter(({ server }) => server === found.id).slice(-limits.events);
      return { ...none, found, events };
    }
  }
}

/** The latest events of some types that are about one thing. */
async function about(admin: Admin, types: readonly string[], isOfIt: (event: Event) => boolean): Promise<Described['events']> {
  const lists = await Promise.all(types.map((type) => listed(admin.events, { type })));
  const events = lists.flatMap(({ items }) => items.filter(isOfIt));
  return events.sort((a, b) => a.id - b.id).slice(-limits.events);
}

/** Events are listed oldest first. */
async function latest(admin: Admin, query: { region?: string; player?: string }): Promise<Described['events']> {
  return (await listed(admin.events, query)).items.slice(-limits.events);
}
