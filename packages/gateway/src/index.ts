/** Client sessions: sockets, TLS, admission, route, hold and replay, fan-out, resume. */
export type { Credentials } from './core/clients.ts';
export { GatewayEngine, type GatewayStats } from './core/engine.ts';
export type { GatewayIdentity, GatewayOut, GatewaySecrets, ResumeIdentity, TokenVerdict } from './core/out.ts';
export { defaultGatewayPolicy, type GatewayPolicy, type Rate } from './core/policy.ts';
