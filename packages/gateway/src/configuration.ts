/** What a configuration and a control plane need of gateways, without the gateway itself: who runs none loads no more. */
export { bunEnvironment, findBun } from './bun-program.ts';
export { DEV_CERTIFICATE_FILE } from './certificate.ts';
export { defaultGatewayPolicy, type GatewayPolicy } from './core/policy.ts';
export { isLoopback } from './net/address.ts';
