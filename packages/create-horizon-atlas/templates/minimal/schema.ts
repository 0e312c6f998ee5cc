/** What players and region servers say to each other. Both sides import it, so types go from end to end. */
import { defineGame, f32, str } from 'horizon-atlas/schema';

export const schema = defineGame({
  client: { 'walk/to': { x: f32, y: f32 }, 'chat/say': { text: str(200) } },
  server: { 'chat/said': { from: str(64), text: str(200) } },
  entity: { name: str(64) },
});
