/** Whether the gateways' ports are to be had, asked before anything is started. */
import type { AtlasConfig } from './config.ts';
import { plainListenerOf } from './plain-listener.ts';
import { checkPortFree } from './ports-free.ts';

/** Rejects with PORT_IN_USE. */
export async function checkGatewayPorts(gateway: AtlasConfig['gateway']): Promise<void> {
  const { listen, port, count } = gateway;
  const plain = plainListenerOf(gateway)?.port ?? 0;
  for (let i = 0; i < count; i++) {
    await checkPortFree(
      listen,
      plain === 0 ? 0 : plain + i,
      'the gateway’s plain listener for pages of this machine',
      'set gateway.plain.port, or gateway.plain: false to do without Play in the browser',
    );
    await checkPortFree(
      listen,
      port === 0 ? 0 : port + i,
      count === 1 ? 'the gateway' : `gateway ${i}`,
      'set gateway.port or --gateway-port',
    );
  }
}
