/**
 * CPU and memory of game servers, as their processes use them: looked at a few at a time, so that a thousand of them cost no turn more than a few of them do,
 * and each every two seconds.
 */
import type { GameServer } from '@horizon-atlas/control';
import type { Cancel, Clock, Runner, ServerUsage } from '@horizon-atlas/ports';
import type { GameServers, GameServerView } from '@horizon-atlas/protocol';
import { Rates } from './rates.ts';
import { known } from './resources.ts';

export interface GameServerUsageDeps {
  readonly clock: Clock;
  readonly runner: Pick<Runner, 'usage'>;
  readonly servers: Pick<GameServers, 'list' | 'get'>;
}

export const usagePolicy = {
  /** Each server is looked at once in this time. */
  roundMs: 2_000,
  /** In so many turns. */
  turns: 8,
} as const;

export class GameServerUsage {
  readonly #deps: GameServerUsageDeps;
  readonly #rates = new Rates();
  readonly #seen = new Map<string, ServerUsage>();
  /** Of this round, and how many of them have been looked at: a hundred thousand are neither copied nor sorted for it. */
  #due: readonly GameServerView[] = [];
  #at = 0;
  #left = 0;
  #cancel: Cancel = () => {};

  constructor(deps: GameServerUsageDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#look();
  }

  close(): void {
    this.#cancel();
  }

  /** `cpu` is the share of one core over the last seconds; null: it has not been seen for long enough, or runs no process. */
  of(id: string): Pick<GameServer, 'cpuS' | 'cpu' | 'memoryBytes'> {
    const { servers } = this.#deps;
    if ((servers.get(id)?.pid ?? 0) === 0) return { cpuS: null, cpu: null, memoryBytes: null };
    // Nobody waits two seconds for what can be seen now.
    const used = this.#seen.get(id) ?? this.#see(id);
    if (!used) return { cpuS: null, cpu: null, memoryBytes: null };
    return { cpuS: known(used.cpuS), cpu: known(this.#rates.perS(id, 'cpuS'), 1000), memoryBytes: known(used.memoryBytes) };
  }

  #look(): void {
    const { clock, servers } = this.#deps;
    if (this.#left === 0) {
      this.#due = servers.list();
      this.#at = 0;
      for (const id of this.#seen.keys()) if ((servers.get(id)?.pid ?? 0) === 0) this.#seen.delete(id);
      this.#rates.keep(this.#seen);
      this.#left = usagePolicy.turns;
    }
    const until = this.#at + Math.ceil((this.#due.length - this.#at) / this.#left);
    this.#left--;
    for (; this.#at < until; this.#at++) {
      const { id, pid } = this.#due[this.#at] as GameServerView;
      if (pid > 0) this.#see(id);
    }
    this.#cancel = clock.at(clock.now() + usagePolicy.roundMs / usagePolicy.turns, () => this.#look());
  }

  #see(id: string): ServerUsage | undefined {
    const { clock, runner } = this.#deps;
    const used = runner.usage(id);
    if (!used) return undefined;
    this.#seen.set(id, used);
    this.#rates.sample(id, { cpuS: used.cpuS }, clock.now());
    return used;
  }
}
