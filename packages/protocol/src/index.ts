/** Every message that leaves a process: type, codec, version, error codes. See docs/reference/protocol.md. */

export { ClientFrame, GatewayFrame, header, kind, ResumeClaim } from './client.ts';
export { AtlasError, closeCodeOf, type ErrorCode, type ErrorEntry, errors } from './errors.ts';
export { type DataOf, defineGame, type EventFields, type EventTable, type GameSchema } from './game-schema.ts';
export * from './game-servers.ts';
export { formatHorizon, type HorizonEvent, parseHorizon } from './horizon.ts';
export { events, limits } from './limits.ts';
export {
  ControlToGateway,
  ControlToServer,
  GatewayToControl,
  Group,
  RegionPlace,
  ServerToControl,
  SessionCursor,
  SessionReport,
} from './link-control.ts';
export { ControlToEdge, EdgeFront, EdgeListener, EdgeSession, EdgeTarget, EdgeToControl } from './link-edge.ts';
export { GatewayToServer, gameLink, ServerToGateway } from './link-game.ts';
export { ControlToMatchServer, MatchServerToControl } from './link-match.ts';
export { MeshMessage, Shadow } from './link-mesh.ts';
export { decodeMovers, encodeMovers, type Mover, type Movers, moverFrozen } from './movers.ts';
export * from './records.ts';
export { decodeScene, encodeScene, type MoverKind, type Scene, sceneVersion } from './scene.ts';
export * from './schema.ts';
export { parseTraceparent, SpanRecord, SpanRecorder, type SpanRecorderOptions, type SpanValue } from './spans.ts';
export { CLIENT_PROTOCOL, LINK_PROTOCOL, SUBPROTOCOLS } from './version.ts';
export { EntityState, Sighting, View } from './views.ts';
