/**
 * An edge as a process, for the `udp` bench: all of it, with limits that are checked and do not bite. There is no control plane: it goes on from its folder, as after a
 * restart.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { makeEdge, runAheadOfOthers, udpSocketsHere } from '@horizon-atlas/edges';
import type { EdgeListener, EdgeTarget } from '@horizon-atlas/protocol';
import { noProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';

export interface EdgeOrder {
  readonly folder: string;
  readonly upstream: number;
  /** Base64, of the keys that tokens are sealed with. */
  readonly secret: string;
  readonly coalesceMs: number;
}

const { folder, upstream, secret, coalesceMs } = JSON.parse(process.argv[2] ?? '{}') as EdgeOrder;
const listener: EdgeListener = {
  listener: 'bench/game',
  fleet: 'bench',
  port: 'game',
  protocol: 'udp',
  listenHost: '127.0.0.1',
  listenPort: 0,
  route: 'token',
  server: '',
  source: 'loopback',
  tls: false,
  wake: false,
  accept: [],
  amplification: 1,
  idleMs: 600_000,
  holdMs: 30_000,
  front: undefined,
  datagramsPerS: 1_000_000,
};
const target: EdgeTarget = {
  server: 'srv_1',
  fleet: 'bench',
  state: 'up',
  ports: [{ name: 'game', host: '127.0.0.1', port: upstream }],
};
writeFileSync(
  join(folder, 'edge.json'),
  JSON.stringify({ salt: 1, keys: [{ secret }], listeners: [listener], targets: [target] }),
);

runAheadOfOthers();
const clock = systemClock();
const high = 1_000_000;
const edge = makeEdge(
  {
    clock,
    entropy: systemEntropy(),
    links: makeLinks({ clock }),
    probe: noProbe,
    sockets: await udpSocketsHere(process.env.ATLAS_EDGE_SOCKETS === 'plain'),
  },
  {
    edge: 'edge_0',
    folder,
    control: `unix:${join(folder, 'nobody.sock')}`,
    coalesceMs,
    policy: { perAddressMax: high, newPerAddressPerS: high, newPerAddressBurst: high },
  },
);
await edge.start();
process.send?.({ port: edge.portOf('bench/game') });
process.on('message', () => process.send?.(edge.stats));
