/** What players and region servers say to each other. Both sides import it, so types go from end to end. */
import { defineGame, f32, str, u32 } from '@horizon-atlas/protocol';

export const schema = defineGame({
  client: { 'walk/to': { x: f32, y: f32 }, 'chat/say': { text: str(200) } },
  server: { 'chat/said': { from: str(64), text: str(200), nth: u32 } },
  entity: { name: str(64) },
});
