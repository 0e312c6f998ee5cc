/** From a lobby into a queue: a player alone, or the whole party that the player leads. */
import { refuse } from './core/admission.ts';
import type { Player } from './core/rule-set.ts';
import type { Lobbies } from './lobbies.ts';
import type { Answer, Matchmaker } from './matchmaker.ts';
import type { Parties } from './parties.ts';

interface PlayNeeds {
  readonly lobbies: Lobbies;
  readonly parties: Parties;
  readonly create: Matchmaker['create'];
}

export async function playFrom(
  { lobbies, parties, create }: PlayNeeds,
  lobby: string,
  player: string,
  queue: string,
  brings: Pick<Player, 'attributes' | 'latencyMs'>,
): Promise<Answer<{ readonly ticket: string }>> {
  const queues = lobbies.queuesOf(lobby);
  if (!queues) return refuse('LOBBY_UNKNOWN', `there is no lobby ${lobby}`);
  if (!queues.includes(queue)) return refuse('QUEUE_UNKNOWN', `lobby ${lobby} leads to ${queues.join(', ')}, not to ${queue}`);
  const party = parties.ofPlayer(player);
  if (!party) {
    const made = await create({ queue, players: [{ id: player, ...brings }] });
    return made.ok ? { ok: true, ticket: made.ticket.id } : made;
  }
  if (party.leader !== player) return refuse('PARTY_REFUSED', `only ${party.leader} leads party ${party.id}`);
  // Who stands in a lobby with the leader is ready: nobody is asked again between two modes.
  for (const member of party.members) {
    const { attributes, latencyMs } = member.player === player ? brings : member;
    const step = await parties.act(party.id, { kind: 'ready', player: member.player, ready: true, attributes, latencyMs });
    if (!step.ok) return step;
  }
  const queued = await parties.queue(party.id, player, queue);
  return queued.ok ? { ok: true, ticket: queued.party?.ticket ?? '' } : queued;
}
