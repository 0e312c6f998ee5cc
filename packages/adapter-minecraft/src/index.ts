/** A front for Minecraft servers: players move between them on the connection that they have. */
export { bungeeHost, type Forwarding, velocityAnswer } from './forwarding.ts';
export { type MinecraftFront, type MinecraftFrontSettings, type MinecraftTarget, openMinecraftFront } from './front.ts';
