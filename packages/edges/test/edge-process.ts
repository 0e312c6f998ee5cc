/** An edge as a process, for tests that kill it: its configuration is the first argument. */
import { makeLinks } from '@horizon-atlas/adapter-link';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { type EdgeConfig, makeEdge, udpSocketsHere } from '../src/index.ts';

const clock = systemClock();
const host = { clock, entropy: systemEntropy(), links: makeLinks({ clock }), probe: memoryProbe() };
const edge = makeEdge(
  { ...host, sockets: await udpSocketsHere(process.argv[3] === 'plain') },
  JSON.parse(process.argv[2] ?? '{}') as EdgeConfig,
);
await edge.start();
// 0: the control plane has yet to say which listeners there are.
process.send?.({ port: edge.portOf('arena/game') ?? 0 });
process.on('disconnect', () => process.exit(0));
