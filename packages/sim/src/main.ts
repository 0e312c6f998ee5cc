/**
 * `npm run sim -- --seeds N [--from S]` runs N worlds and stops at the first violation; `--seed S [--trace]` replays one.
 * The exit code is 1 if an invariant was broken.
 */
import { parseArgs } from 'node:util';
import { World } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  console.log(`Usage: npm run sim -- [options]

Runs whole small worlds (gateways, coordinator, region servers, store, players) on one thread from seeds, under faults that the
seed draws, and checks the invariants of ARCHITECTURE.md.

  --seeds N      how many worlds (default 100)
  --from S       the first seed (default 1)
  --seed S       just this one
  --trace        print what happens in it
  --keep-going   do not stop at the first violation
  --json         a summary as one JSON line`);
  process.exit(0);
}

const from = whole(values.seed ?? values.from, 'seed');
const count = values.seed === undefined ? whole(values.seeds, 'seeds') : 1;
const cpuBefore = process.cpuUsage();
const total = { worlds: 0, virtualS: 0, violations: 0, events: 0, crossed: 0, applied: 0, resumed: 0, died: 0 };

for (let seed = from; seed < from + count; seed++) {
  const world = new World({ seed, ...(values.trace ? { trace: print } : {}) });
  try {
    world.run();
  } catch (error) {
    total.violations++;
    console.error(
      `seed ${seed} at ${(world.kernel.nowMs / 1000).toFixed(3)} s: ${error instanceof Error ? (values.trace ? error.stack : error.message) : error}`,
    );
    console.error(`  replay: npm run sim -- --seed ${seed} --trace`);
  }
  total.worlds++;
  total.virtualS += world.kernel.nowMs / 1000;
  total.events += world.kernel.events;
  total.crossed += world.note.seen.crossed;
  total.applied += world.note.seen.applied;
  total.resumed += world.note.seen.resumed;
  total.died += world.note.seen.died;
  if (values.seed !== undefined)
    console.log(JSON.stringify({ faults: world.faults, habits: world.habits, seen: world.note.seen }));
  if (total.violations > 0 && !values['keep-going']) break;
  if (seed % 500 === 0 && !values.json) console.error(`… ${total.worlds} worlds`);
}

const cpu = process.cpuUsage(cpuBefore);
const cpuS = (cpu.user + cpu.system) / 1e6;
if (values.json) console.log(JSON.stringify({ ...total, cpuS }));
else {
  console.log(
    `${total.worlds} worlds of ${Math.round(total.virtualS / total.worlds)} virtual seconds: ${total.violations} violations; ` +
      `${total.crossed} crossings, ${total.applied} commands, ${total.died} servers died, ${total.resumed} sessions resumed; ` +
      `${((cpuS / total.worlds) * 1000).toFixed(0)} ms of CPU each`,
  );
}
// Worlds in which nobody could play prove nothing.
const idle = count >= 20 && (total.crossed === 0 || total.applied === 0);
if (idle) console.error('nothing happened in these worlds: no crossing, or no command took effect');
process.exit(total.violations > 0 || idle ? 1 : 0);

function whole(text: string, what: string): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n > 0) return n;
  console.error(`--${what} takes a whole number from 1, not "${text}"`);
  process.exit(2);
}

function print(atMs: number, who: string, what: string, fields: Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify(fields, (_key, value) => (value instanceof Uint8Array ? `<${value.length} bytes>` : value));
  console.log(`${atMs.toFixed(2).padStart(10)} ${who.padEnd(10)} ${what.padEnd(14)} ${text.slice(0, 400)}`);
}
