/** The match server's words: a game as players see it, and who plays as matchmaking says it. */
import type { Session } from '@horizon-atlas/sdk-server';
import type { Fighter, Game } from './game.ts';
import { aimToWire, flags, ToPlayer } from './messages.ts';

export interface WireTeam {
  readonly name: string;
  readonly players: readonly { readonly id: string; readonly name: string; readonly rating: number }[];
}

/** What matchmaking tells a game server of its match. */
interface Told {
  readonly teams?: readonly {
    readonly name: string;
    readonly players: readonly { readonly id: string; readonly attributes?: Readonly<Record<string, unknown>> }[];
  }[];
}

/** Without matchmaking, as for a server that somebody allocated by hand, everybody is in one of two teams by turns. */
export function readTeams({ data, players }: Pick<Session, 'data' | 'players'>): readonly WireTeam[] {
  const told = (data as Told | undefined)?.teams;
  if (told) return told.map((team) => ({ name: team.name, players: team.players.map(wirePlayer) }));
  return ['red', 'blue'].map((name, i) => ({
    name,
    players: players.filter((_, at) => at % 2 === i).map((id) => wirePlayer({ id })),
  }));
}

function wirePlayer({ id, attributes = {} }: { readonly id: string; readonly attributes?: Readonly<Record<string, unknown>> }) {
  const { name, skill } = attributes;
  return {
    id,
    // Cut by characters: a name is 64 bytes on the wire.
    name: typeof name === 'string' && name !== '' ? [...name].slice(0, 16).join('') : id.slice(0, 16),
    rating: typeof skill === 'number' ? Math.max(0, Math.min(9_999, Math.round(skill))) : 0,
  };
}

export function viewOf({ leftS, scores, fighters, shots, knockouts }: Game): Uint8Array {
  return ToPlayer.encode({
    kind: 'view',
    leftMs: Math.max(0, Math.round(leftS * 1000)),
    scores: scores.map((score) => Math.min(255, score)),
    fighters: fighters
      .filter(({ present }) => present)
      .map(({ index, x, y, aim, health, knockouts: own, ...rest }) => {
        return { index, x, y, aim: aimToWire(aim), health, flags: flagsOf(rest), knockouts: Math.min(255, own) };
      }),
    shots: shots.map(({ id, x, y, aim, by }) => ({ id, x, y, aim: aimToWire(aim), team: by.team })),
    knockouts: [...knockouts],
  });
}

function flagsOf({ downS, shieldS, dashS, dashAgainS }: Pick<Fighter, 'downS' | 'shieldS' | 'dashS' | 'dashAgainS'>): number {
  return (
    (downS > 0 ? 0 : flags.stands) |
    (shieldS > 0 ? flags.shielded : 0) |
    (dashS > 0 ? flags.dashes : 0) |
    (dashAgainS > 0 ? 0 : flags.mayDash)
  );
}
