/**
 * A party: friends who play together. One of them leads; the leader invites, sends away, and takes the party into a queue once all are ready, as one
 * ticket. It lives on over matches, lobbies and modes. Whoever changes it while it waits takes it out of its queue first: that is the shell's part.
 */
import { type Refusal, refuse } from './admission.ts';
import type { Player } from './rule-set.ts';

export interface PartyMember {
  readonly player: string;
  readonly ready: boolean;
  /** What the member brings into a queue, said with `ready`. */
  readonly attributes: Player['attributes'];
  readonly latencyMs: Player['latencyMs'];
}

/** JSON as it stands: this is what the Store keeps. The first member is the one who has been there longest. */
export interface Party {
  readonly id: string;
  readonly leader: string;
  readonly members: readonly PartyMember[];
  readonly invited: readonly string[];
  /** Anybody who knows its id may join. */
  readonly open: boolean;
  /** Where it waits, or empty. */
  readonly ticket: string;
  readonly queue: string;
  /** Which match it plays or played last, or empty. */
  readonly match: string;
  readonly createdMs: number;
}

export type PartyInput =
  | { readonly kind: 'invite' | 'kick' | 'lead' | 'uninvite'; readonly by: string; readonly player: string }
  | { readonly kind: 'join' | 'leave'; readonly player: string }
  | {
      readonly kind: 'ready';
      readonly player: string;
      readonly ready: boolean;
      readonly attributes: Player['attributes'];
      readonly latencyMs: Player['latencyMs'];
    }
  | { readonly kind: 'open'; readonly by: string; readonly open: boolean }
  | { readonly kind: 'queued'; readonly ticket: string; readonly queue: string }
  | { readonly kind: 'unqueued'; readonly match: string };

export const limits = {
  /** Members and those who are invited, together. */
  players: 40,
} as const;

/** `party` undefined: the last one has left. */
export type PartyStep = { readonly ok: true; readonly party: Party | undefined } | Refusal;

export function makeParty(id: string, leader: string, open: boolean, createdMs: number): Party {
  return { id, leader, members: [memberOf(leader)], invited: [], open, ticket: '', queue: '', match: '', createdMs };
}

export function stepParty(party: Party, input: PartyInput): PartyStep {
  const { members, invited, leader } = party;
  const isIn = (player: string) => members.some((member) => member.player === player);
  if ('by' in input && input.by !== leader) return refuse('PARTY_REFUSED', `only ${leader} leads party ${party.id}`);
  switch (input.kind) {
    case 'invite':
      if (isIn(input.player)) return refuse('PARTY_STATE', `${input.player} is in the party already`);
      if (invited.includes(input.player)) return { ok: true, party };
      if (members.length + invited.length >= limits.players) return full(party);
      return { ok: true, party: { ...party, invited: [...invited, input.player] } };
    case 'uninvite':
      return { ok: true, party: { ...party, invited: invited.filter((player) => player !== input.player) } };
    case 'join':
      if (isIn(input.player)) return { ok: true, party };
      if (!party.open && !invited.includes(input.player)) return refuse('PARTY_REFUSED', `${input.player} is not invited`);
      if (members.length >= limits.players) return full(party);
      return {
        ok: true,
        party: {
          ...party,
          members: [...members, memberOf(input.player)],
          invited: invited.filter((player) => player !== input.player),
        },
      };
    case 'leave':
      // An invitation is declined in the same way.
      if (invited.includes(input.player))
        return { ok: true, party: { ...party, invited: invited.filter((player) => player !== input.player) } };
      return without(party, input.player);
    case 'kick':
      if (input.player === leader) return refuse('PARTY_REFUSED', 'a leader leaves, or makes somebody else the leader');
      return without(party, input.player);
    case 'lead':
      if (!isIn(input.player)) return stranger(input.player);
      return { ok: true, party: { ...party, leader: input.player } };
    case 'ready': {
      if (!isIn(input.player)) return stranger(input.player);
      const { player, ready, attributes, latencyMs } = input;
      const changed = members.map((member) => (member.player === player ? { player, ready, attributes, latencyMs } : member));
      return { ok: true, party: { ...party, members: changed } };
    }
    case 'open':
      return { ok: true, party: { ...party, open: input.open } };
    case 'queued':
      return { ok: true, party: { ...party, ticket: input.ticket, queue: input.queue } };
    case 'unqueued':
      return {
        ok: true,
        party: {
          ...party,
          ticket: '',
          queue: '',
          match: input.match === '' ? party.match : input.match,
          // Who has played says anew when they want more.
          members: input.match === '' ? members : members.map((member) => ({ ...member, ready: false })),
        },
      };
  }
}

function without(party: Party, player: string): PartyStep {
  const members = party.members.filter((member) => member.player !== player);
  if (members.length === party.members.length) return stranger(player);
  const [longest] = members;
  if (!longest) return { ok: true, party: undefined };
  return { ok: true, party: { ...party, members, leader: party.leader === player ? longest.player : party.leader } };
}

function memberOf(player: string): PartyMember {
  return { player, ready: false, attributes: {}, latencyMs: {} };
}

function full({ id }: Party): Refusal {
  return refuse('PARTY_FULL', `party ${id} has ${limits.players} players and invitations, and that is as many as it may have`);
}

function stranger(player: string): Refusal {
  return refuse('PARTY_STATE', `${player} is not in the party`);
}
