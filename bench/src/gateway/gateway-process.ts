/** Atlas's gateway as a process, for the `gateway` bench: all of it, with its limits raised so that they are checked but do not bite. */
import { makeLinks } from '@horizon-atlas/adapter-link';
import { type GatewayConfig, makeGateway } from '@horizon-atlas/gateway';
import { noProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';

const high = { perS: 1e9, burst: 1e9 } as const;
/** Players rest while others are measured, and have no SDK that would answer pings. */
const idleMs = 600_000;
const policy = { connectsPerAddress: high, messagesPerConnection: high, messagesPerAddress: high, idleMs } as const;

const config = JSON.parse(process.argv[2] ?? '{}') as GatewayConfig;
const clock = systemClock();
const host = { clock, entropy: systemEntropy(), links: makeLinks({ clock }), probe: noProbe };
const gateway = makeGateway(host, { ...config, policy });
await gateway.start();
process.send?.({ port: gateway.port });
