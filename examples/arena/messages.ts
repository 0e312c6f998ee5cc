/** What players and the match server say to each other, over WebSocket. Imported by both sides. */
import { bool, f32, list, str, struct, u8, u16, u32, union } from '@horizon-atlas/protocol';

const count = 128;

export const FromPlayer = union({
  /** The first word: the join token that came with the match. */
  join: [1, { token: str(4096) }],
  /** `moveX`, `moveY`: 0 to 200, 100 stands still; `aim`: 0 to 65,535 is once around. Only the newest counts. */
  wish: [2, { moveX: u8, moveY: u8, aim: u16, fire: bool, dash: bool }],
});

const fighter = struct({
  index: u8,
  x: f32,
  y: f32,
  aim: u16,
  health: u8,
  /** Bits: 1 stands, 2 shielded, 4 dashes, 8 may dash. */
  flags: u8,
  knockouts: u8,
});

export const ToPlayer = union({
  /** Who plays: `you` is an index of `players`. `rating`: as the match was formed by, 0 where it was not. */
  welcome: [
    1,
    {
      mode: str(32),
      match: str(64),
      you: u8,
      teams: list(str(128), count),
      players: list(struct({ id: str(256), name: str(64), team: u8, rating: u16 }), count),
    },
  ],
  view: [
    2,
    {
      leftMs: u32,
      scores: list(u8, count),
      fighters: list(fighter, count),
      shots: list(struct({ id: u16, x: f32, y: f32, aim: u16, team: u8 }), 1024),
      knockouts: list(struct({ by: u8, whom: u8 }), count),
    },
  ],
  /** Of teams in their order. The match server closes the socket after it. */
  over: [3, { ranks: list(u8, count), scores: list(u8, count) }],
});
export type ToPlayer = ReturnType<typeof ToPlayer.read>;
export type Welcome = Extract<ToPlayer, { kind: 'welcome' }>;
export type View = Extract<ToPlayer, { kind: 'view' }>;
export type Over = Extract<ToPlayer, { kind: 'over' }>;

/** Close codes of the match server. */
export const closed = {
  over: 4000,
  /** Its join token is none for this match. */
  refused: 4001,
  /** The same player came by another socket. */
  replaced: 4002,
  malformed: 4003,
} as const;

export const flags = { stands: 1, shielded: 2, dashes: 4, mayDash: 8 } as const;

const turn = 65_536 / (2 * Math.PI);
export const aimToWire = (radians: number): number => Math.round(radians * turn) & 0xffff;
export const aimFromWire = (aim: number): number => aim / turn;
export const moveToWire = (move: number): number => Math.round(100 + Math.max(-1, Math.min(1, move)) * 100);
export const moveFromWire = (move: number): number => Math.max(-1, Math.min(1, (move - 100) / 100));
