/** A front for Minecraft servers: players move between them on the connection that they have. */
export { bungeeHost, type Forwarding, velocityAnswer } from './forwarding.ts';
export {
  isMinecraftVersion,
  type MinecraftFront,
  type MinecraftFrontSettings,
  type MinecraftSeat,
  type MinecraftVersion,
  makeMinecraftFront,
  minecraftVersions,
  warmMinecraft,
} from './front.ts';
export type { LeftServer, MinecraftHost, MinecraftTarget } from './player.ts';
