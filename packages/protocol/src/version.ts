/** Versions of what is spoken. One line a version: what changed. A peer of another major version is refused with a clear code. */

/** 1: the first. Client frames of `client.ts`. */
export const CLIENT_PROTOCOL = 1;
/**
 * Links between Atlas's own processes; both ends come from one release.
 * 1: the first. 2: traces. 3: gateways tell of their sessions, servers of everybody’s place when asked; operators place groups. 4: edges have fronts and answer moves.
 */
export const LINK_PROTOCOL = 4;

/** The WebSocket subprotocols that a gateway speaks, in its order of preference. */
export const SUBPROTOCOLS = ['atlas.v1', 'horizon.v1'] as const;
