import { busContract, linksContract, storeContract } from '@horizon-atlas/port-contracts';
import type { Probe } from '@horizon-atlas/ports';
import { systemClock } from '@horizon-atlas/runtime';
import { memoryBus, memoryLinks, memoryStore } from './index.ts';

storeContract({
  name: 'memory',
  make: ({ historyChanges }) => {
    const store = memoryStore(historyChanges === undefined ? {} : { history: { changes: historyChanges } });
    return { store, dispose: () => store.close() };
  },
});

busContract({
  name: 'memory',
  make: () => {
    let failures = 0;
    const probe: Probe = {
      count: () => undefined,
      gauge: () => undefined,
      observe: () => undefined,
      event: (name) => {
        if (name === 'atlas_bus_subscriber_failed') failures++;
      },
    };
    return { bus: memoryBus({ clock: systemClock(), probe }), failures: () => failures, dispose: async () => undefined };
  },
});

let sockets = 0;
for (const kind of ['unix', 'tcp'] as const) {
  linksContract({
    name: `memory, ${kind}`,
    make: () => ({
      links: memoryLinks(),
      address: () => (kind === 'unix' ? `unix:/nowhere/${++sockets}.sock` : `tcp:127.0.0.1:${++sockets}`),
      dispose: async () => undefined,
    }),
  });
}
