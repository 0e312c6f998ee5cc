/**
 * `npm run sim -- [--world KIND] --seeds N [--from S]` runs N worlds and stops at the first violation; `--seed S [--trace]` replays one.
 * The exit code is 1 if an invariant was broken.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { allFleetCheckers } from './fleets/fleet-checkers.ts';
import { FleetWorld } from './fleets/fleet-world.ts';
import { allMatchCheckers } from './matchmaking/match-checkers.ts';
import { MatchWorld } from './matchmaking/match-world.ts';
import { nodeFlags } from './node-flags.ts';
import { World } from './world.ts';

if (!nodeFlags.every((flag) => process.execArgv.includes(flag))) {
  const argv = [...process.execArgv, ...nodeFlags, ...process.argv.slice(1)];
  // Ctrl-C reaches it by itself.
  process.exit(spawnSync(process.execPath, argv, { stdio: 'inherit' }).status ?? 1);
}

const { values } = parseArgs({
  options: {
    world: { type: 'string', default: 'regions' },
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

Runs whole small worlds on one thread from seeds, under faults that the seed draws, and checks the invariants of ARCHITECTURE.md.

  --world KIND   regions: gateways, coordinator, region servers, store, players (default)
                 fleets:  match servers that are scaled, given away, rolled out; a control plane that is killed
                 matches: tickets into matches, with servers that are late or not there
  --seeds N      how many worlds (default 100)
  --from S       the first seed (default 1)
  --seed S       just this one
  --trace        print what happens in it
  --keep-going   do not stop at the first violation
  --json         a summary as one JSON line`);
  process.exit(0);
}

/** What a world came to: figures that are added up, and what has to have happened somewhere in twenty of them. */
interface Ran {
  readonly virtualMs: number;
  readonly seen: Readonly<Record<string, number>>;
  /** What the seed has drawn, for who replays it. */
  readonly drawn: object;
  readonly error: unknown;
}

interface Kind {
  readonly run: (seed: number) => Promise<Ran>;
  readonly mustHappen: readonly string[];
}

type Print = (atMs: number, who: string, what: string, fields: Readonly<Record<string, unknown>>) => void;
const trace: { readonly trace?: Print } = values.trace ? { trace: print } : {};

const kinds: Readonly<Record<string, Kind>> = {
  regions: {
    mustHappen: ['crossed', 'applied'],
    run: async (seed) => {
      const world = new World({ seed, ...trace });
      const error = await violationOf(() => void world.run());
      const { crossed, applied, resumed, died } = world.note.seen;
      const seen = { events: world.kernel.events, crossed, applied, died, resumed };
      const drawn = { faults: world.faults, habits: world.habits, seen: world.note.seen };
      return { virtualMs: world.kernel.nowMs, seen, drawn, error };
    },
  },
  fleets: {
    mustHappen: ['answered', 'played', 'expired', 'restarts', 'rollouts'],
    run: async (seed) => {
      const world = new FleetWorld({ seed, checkers: allFleetCheckers.map((make) => make()), ...trace });
      const error = await violationOf(() => world.run());
      const seen = { events: world.kernel.events, ...world.seen };
      return {
        virtualMs: world.kernel.nowMs,
        seen,
        drawn: { faults: world.faults, habits: world.habits, seen: world.seen },
        error,
      };
    },
  },
  matches: {
    mustHappen: ['matched'],
    run: async (seed) => {
      let matched = 0;
      const count = { name: 'count', matched: () => void matched++ };
      const world = new MatchWorld(seed, [...allMatchCheckers.map((make) => make()), count]);
      const error = await violationOf(() => world.run(20_000));
      return { virtualMs: world.nowMs, seen: { matched }, drawn: {}, error };
    },
  },
};

const kind = Object.hasOwn(kinds, values.world) ? kinds[values.world] : undefined;
if (!kind) {
  console.error(`--world takes one of ${Object.keys(kinds).join(', ')}, not "${values.world}"`);
  process.exit(2);
}
const from = whole(values.seed ?? values.from, 'seed');
const count = values.seed === undefined ? whole(values.seeds, 'seeds') : 1;
process.exit(await runAll(kind));

async function runAll({ run, mustHappen }: Kind): Promise<number> {
  const cpuBefore = process.cpuUsage();
  const total: Record<string, number> = {};
  let [worlds, virtualS, violations] = [0, 0, 0];
  for (let seed = from; seed < from + count; seed++) {
    const { virtualMs, seen, drawn, error } = await run(seed);
    if (error !== undefined) {
      violations++;
      const text = error instanceof Error ? (values.trace ? error.stack : error.message) : String(error);
      console.error(`seed ${seed} at ${(virtualMs / 1000).toFixed(3)} s: ${text}`);
      console.error(
        `  replay: npm run sim -- ${values.world === 'regions' ? '' : `--world ${values.world} `}--seed ${seed} --trace`,
      );
    }
    worlds++;
    virtualS += virtualMs / 1000;
    for (const [what, n] of Object.entries(seen)) total[what] = (total[what] ?? 0) + n;
    if (values.seed !== undefined) console.log(JSON.stringify(drawn));
    if (violations > 0 && !values['keep-going']) break;
    if (seed % 500 === 0 && !values.json) console.error(`… ${worlds} worlds`);
  }
  const cpu = process.cpuUsage(cpuBefore);
  const cpuS = (cpu.user + cpu.system) / 1e6;
  if (values.json) console.log(JSON.stringify({ worlds, virtualS, violations, ...total, cpuS }));
  else {
    const figures = Object.entries(total).map(([what, n]) => `${what} ${n}`);
    console.log(
      `${worlds} worlds of ${Math.round(virtualS / worlds)} virtual seconds: ${violations} violations; ${figures.join(', ')}; ` +
        `${((cpuS / worlds) * 1000).toFixed(0)} ms of CPU each, ${Math.round((worlds / cpuS) * 60)} seeds a CPU-minute`,
    );
  }
  // Worlds in which nothing happens prove nothing.
  const idle = count >= 20 && violations === 0 ? mustHappen.filter((what) => !total[what]) : [];
  if (idle.length > 0) console.error(`nothing happened in these worlds: ${idle.join(', ')}`);
  return violations > 0 || idle.length > 0 ? 1 : 0;
}

async function violationOf(run: () => void | Promise<void>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error ?? new Error('it failed with nothing');
  }
}

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
