/** The game of a simulated world: each player's state counts its commands, walks, and now and then jumps across a border. */
import { defineGame, f32, u32 } from '@horizon-atlas/protocol';

export const game = defineGame({
  client: { 'probe/count': { n: u32, vx: f32, vy: f32, jump: f32 } },
  server: { 'probe/counted': { n: u32 } },
  entity: { n: u32 },
});

export interface Count {
  n: number;
}
