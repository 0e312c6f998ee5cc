/** For `atlas doctor`: what looks into a world that does not run. Apart from the rest, because it loads the store and the gateway. */
export { type DatabaseReport, inspectDatabase } from '@horizon-atlas/adapter-sqlite';
export { diskPolicy } from './disk-watch.ts';
export { gatewayConnectionsOf } from './gateway-settings.ts';
export { type LackingLimit, limitsLacking } from './limits-lacking.ts';
