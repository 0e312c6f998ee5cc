/** What a configuration needs of gateways, without the gateway itself: who only reads one, such as `atlas up`, loads no more. */
export { defaultGatewayPolicy, type GatewayPolicy } from './core/policy.ts';
export { isLoopback } from './net/address.ts';
