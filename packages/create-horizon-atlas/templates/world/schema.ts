/** What players and region servers say to each other. Both sides import it, so types go from end to end. */
import { choice, defineGame, f32, str, u16 } from 'horizon-atlas/schema';

export const schema = defineGame({
  // From players: each `send` takes effect once and in order; of `sendLatest` only the newest counts.
  client: {
    'walk/to': { x: f32, y: f32 },
    'chat/say': { text: str(200) },
  },
  // To players.
  server: {
    'chat/said': { from: str(64), text: str(200) },
    'berry/picked': { berries: u16 },
  },
  // What everybody sees of something, beside its place.
  entity: { kind: choice('walker', 'berry'), name: str(64), hue: u16, berries: u16 },
});
