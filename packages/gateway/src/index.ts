/** Client sessions: sockets, TLS, admission, route, hold and replay, fan-out, resume. */
export { BUN_VERSION, type BunFound, bunEnvironment, findBun } from './bun-program.ts';
export { DEV_CERTIFICATE_FILE, devCertificate, readCertificate } from './certificate.ts';
export type { Credentials } from './core/clients.ts';
export { GatewayEngine, type GatewayStats } from './core/engine.ts';
export type { GatewayIdentity, GatewayOut, GatewaySecrets, ResumeIdentity, TokenVerdict } from './core/out.ts';
export { defaultGatewayPolicy, type GatewayPolicy, type Rate } from './core/policy.ts';
export { isLoopback } from './net/address.ts';
export { ResumeTokens, type SigningKey } from './resume-tokens.ts';
export { type Gateway, type GatewayConfig, type GatewayHost, makeGateway, type PlainSettings } from './service.ts';
export { type DevTokenWishes, issueDevToken, makeTokenVerifier, type TokenSettings } from './tokens.ts';
