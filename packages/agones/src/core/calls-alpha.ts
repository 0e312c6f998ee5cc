/** `agones.dev.sdk.alpha.SDK`: who plays, told by the game server. */
import type { GameServerView } from '@horizon-atlas/protocol';
import { type Answer, answered, refused } from './answer.ts';
import { numberOf, type Request, type Run, type Speaker, say, textOf, withView } from './calls.ts';
import { agonesLimits } from './limits.ts';

export const alphaCalls = {
  PlayerConnect: (speaker, request) => connect(speaker, textOf(request.playerID)),
  PlayerDisconnect: (speaker, request) => disconnect(speaker, textOf(request.playerID)),
  SetPlayerCapacity(speaker: Speaker, request: Request): Answer {
    const capacity = numberOf(request.count) ?? 0;
    if (!(capacity >= 0)) return refused('INVALID_ARGUMENT', 'REQUEST_INVALID', 'a capacity is a whole number from 0 on');
    return onPlayers(speaker, ({ names, count }) => say(speaker, { say: 'players', count, capacity, names }));
  },
  GetPlayerCapacity: (speaker) => onPlayers(speaker, ({ capacity }) => answered({ count: capacity })),
  GetPlayerCount: (speaker) => onPlayers(speaker, ({ count }) => answered({ count })),
  IsPlayerConnected: (speaker, request) =>
    onPlayers(speaker, ({ names }) => answered({ bool: names.includes(textOf(request.playerID)) })),
  GetConnectedPlayers: (speaker) => onPlayers(speaker, ({ names }) => answered({ list: [...names] })),
} as const satisfies Readonly<Record<string, Run>>;

interface Players {
  readonly count: number;
  /** 0 until it is set, as with Agones: nobody comes in before. */
  readonly capacity: number;
  readonly names: readonly string[];
}

function connect(speaker: Speaker, player: string): Answer {
  if (player === '' || player.length > agonesLimits.valueBytes)
    return refused('INVALID_ARGUMENT', 'REQUEST_INVALID', `a player's id has 1 to ${agonesLimits.valueBytes} characters`);
  return onPlayers(speaker, ({ names, count, capacity }) => {
    if (names.includes(player)) return answered({ bool: false });
    if (count >= capacity) return refused('OUT_OF_RANGE', 'REQUEST_INVALID', `players are already at capacity (${capacity})`);
    const said = say(speaker, { say: 'joined', player });
    return said.ok ? answered({ bool: true }) : said;
  });
}

function disconnect(speaker: Speaker, player: string): Answer {
  return onPlayers(speaker, ({ names }) => {
    if (!names.includes(player)) return answered({ bool: false });
    const said = say(speaker, { say: 'left', player });
    return said.ok ? answered({ bool: true }) : said;
  });
}

function onPlayers(speaker: Speaker, run: (players: Players) => Answer): Answer {
  return withView(speaker, (view) => run(playersOf(view)));
}

function playersOf({ players }: GameServerView): Players {
  return { count: players?.count ?? 0, capacity: players?.capacity ?? 0, names: players?.names ?? [] };
}
