/** The ways of players to game servers that are given away whole: UDP, TCP, WebSocket. */
export { runAheadOfOthers } from './ahead-of-others.ts';
export { type EdgeClaim, readEdgeClaim } from './core/edge-token.ts';
export { joinFrame, proofFrame, type Refusal, readEdgeFrame, refusals } from './core/join-frame.ts';
export { defaultEdgePolicy, type EdgePolicy } from './core/policy.ts';
export { type ProxyAddresses, proxyHeader, readProxyHeader } from './core/proxy-header.ts';
export { EdgeTokens, edgeTokenBytes, edgeTokenText } from './edge-tokens.ts';
export type { FrontMaker } from './net/player-front.ts';
export { udpSocketsHere } from './net/sockets-here.ts';
export { type Edge, type EdgeConfig, type EdgeHost, type EdgeStats, makeEdge } from './service.ts';
