/**
 * Forked by the allocation bench, and measured: the control plane of a whole Atlas, with its Store, API, log and all that watches, on a pool of
 * game servers that are simulated. It keeps nothing beside its data directory, so that it can be killed and started again.
 */
import { checkConfig, formatComplaints } from '@horizon-atlas/atlas/check-config';
import { makeLoggedPlane } from '@horizon-atlas/atlas/logged-plane';
import type { Runner, RunnerReport } from '@horizon-atlas/ports';
import { poolConfig, serverId } from './pool.ts';

export interface PlaneSettings {
  readonly dataDir: string;
  readonly servers: number;
}

/** Above all that Linux gives out: nobody's. */
const FIRST_PID = 2 ** 22 + 1;

const { dataDir, servers } = JSON.parse(process.argv[2] ?? '') as PlaneSettings;
const checked = checkConfig(poolConfig(dataDir, servers), dataDir);
if (!checked.ok) throw new Error(formatComplaints(dataDir, checked.complaints));
const { plane } = makeLoggedPlane(checked.config, () => {}, { gameServerRunner: simulatedRunner(servers) });
// Without a gentle stop, which would ask the whole pool to end: it is thrown away.
process.on('message', (word) => {
  if (word === 'end') process.exit(0);
});
await plane.start();
process.send?.({ url: plane.api });

/** All of the pool run; none starts, ends or answers. */
function simulatedRunner(count: number): Runner {
  const startedAtMs = Date.now();
  const all = Array.from({ length: count }, (_, i) => ({
    id: serverId(i),
    pid: FIRST_PID + i,
    startedAtMs,
    cpuS: Number.NaN,
    memoryBytes: Number.NaN,
  }));
  return {
    async start({ id }) {
      return { kind: 'failed', id, message: 'the pool is as large as it may be' } satisfies RunnerReport;
    },
    stop: async () => {},
    write: () => 'none',
    freeze: () => false,
    thaw: () => false,
    list: async () => all,
    usage: () => undefined,
    vitals: () => undefined,
    limits: () => [],
    watch: () => () => {},
    close: async () => {},
  };
}
