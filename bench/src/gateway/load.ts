/** A process of load for the `gateway` bench: some of the players, who do as they are told in orders.ts. */
import { performance } from 'node:perf_hooks';
import { issueDevToken } from '@horizon-atlas/gateway';
import { RoundTrips } from '../round-trips.ts';
import { LoadClient, type LoadEvents } from './load-client.ts';
import type { LoadCounts, LoadOrder, LoadSettings } from './orders.ts';
import { addCounts, type Counts, type Delivery, HZ, noCounts } from './traffic.ts';

/** Handshakes under way at once. */
const JOINING = 32;
/** The longest the process sleeps between looks at its sockets, ms. */
const NAP_MS = 0.2;

const { clients: wanted, secret, prefix, window } = JSON.parse(process.argv[2] ?? '{}') as LoadSettings;
const periodMs = 1000 / HZ;
const clients: LoadClient[] = [];
let mode: 'idle' | 'paced' | 'saturated' = 'idle';
let trips = new RoundTrips();
const sleepCell = new Int32Array(new SharedArrayBuffer(4));

process.on('message', (order: LoadOrder) => {
  switch (order.do) {
    case 'join':
      void join(order);
      break;
    case 'paced':
      mode = 'paced';
      pace(order.delivery);
      break;
    case 'saturated':
      mode = 'saturated';
      for (const client of clients) client.use(order.delivery);
      for (const client of clients) client.send(window, performance.now());
      break;
    case 'stop':
      mode = 'idle';
      break;
    case 'count':
      process.send?.({ ...clients.reduce<Counts>(addCounts, noCounts), rtt: [...trips.counts] } satisfies LoadCounts);
      trips = new RoundTrips();
      break;
  }
});
process.channel?.ref();

async function join(where: { readonly port: number; readonly secure: boolean }): Promise<void> {
  const names = Array.from({ length: wanted }, (_, i) => `${prefix}${i}`);
  const tokens = await Promise.all(names.map((player) => issueDevToken({ secret, player })));
  let joined = 0;
  const events: LoadEvents = {
    welcomed() {
      joined++;
      if (joined === wanted) process.send?.({ joined });
      else next();
    },
    answered(client, count) {
      if (mode === 'saturated') client.send(count, performance.now());
    },
    timed(sentMs) {
      if (mode === 'paced') trips.add(performance.now() - sentMs);
    },
    failed(_, why) {
      console.error(`${joined} of ${wanted} joined; then: ${why}`);
      process.exit(1);
    },
  };
  const next = (): void => {
    const token = tokens[clients.length];
    if (token !== undefined) clients.push(new LoadClient(where, token, events));
  };
  for (let i = 0; i < JOINING; i++) next();
}

/** Everybody at a moment of its own: independent players, not a chorus. */
function pace(delivery: Delivery): void {
  const startMs = performance.now();
  for (const [i, client] of clients.entries()) {
    client.use(delivery);
    client.dueMs = startMs + (i * periodMs) / clients.length;
  }
  let at = 0;
  const loop = (): void => {
    if (mode !== 'paced') return;
    const nowMs = performance.now();
    for (let client = clients[at]; client !== undefined && client.dueMs <= nowMs; client = clients[at]) {
      client.send(1, nowMs);
      client.dueMs += periodMs;
      at = (at + 1) % clients.length;
    }
    const waitMs = Math.min(NAP_MS, (clients[at]?.dueMs ?? nowMs) - performance.now());
    if (waitMs > 0) Atomics.wait(sleepCell, 0, 0, waitMs);
    setImmediate(loop);
  };
  loop();
}
