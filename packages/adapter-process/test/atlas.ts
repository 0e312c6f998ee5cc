/** Stands for an Atlas that is killed: starts the servers given as JSON, says their pids, and lives on. */
import type { ServerSpec } from '@horizon-atlas/ports';
import { makeProcessRunner } from '../src/index.ts';
import { hostClock } from './host-clock.ts';

const [dir = '', specs = '[]'] = process.argv.slice(2);
const runner = makeProcessRunner({ dir, clock: hostClock });
const reports = await Promise.all((JSON.parse(specs) as ServerSpec[]).map((spec) => runner.start(spec)));
process.send?.(reports);
process.on('disconnect', () => process.exit());
