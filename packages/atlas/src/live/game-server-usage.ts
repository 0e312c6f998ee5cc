/**
 * CPU and memory of game servers, as their processes use them: looked at a few at a time, so that a thousand of them cost no turn more than a few of them do,
 * and each every two seconds.
 */
import type { GameServer } from '@horizon-atlas/control';
import type { GameServersService } from '@horizon-atlas/fleet';
import type { Cancel, Clock, Runner, ServerUsage } from '@horizon-atlas/ports';
import type { GameServers, GameServerView } from '@horizon-atlas/protocol';
import { Rates } from './rates.ts';
import { known } from './resources.ts';

export interface GameServerUsageDeps {
  readonly clock: Clock;
  readonly runner: Pick<Runner, 'usage'>;
  readonly servers: Pick<GameServers, 'get'> & Pick<GameServersService, 'size' | 'views'>;
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
  /** Of this round: a hundred thousand are neither copied nor sorted for it. Who comes meanwhile may be of the next one. */
  #round: Iterator<GameServerView> = [].values();
  #eachTurn = 0;
  #turnsLeft = 0;
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
    if (this.#turnsLeft === 0) {
      for (const id of this.#seen.keys()) if ((servers.get(id)?.pid ?? 0) === 0) this.#seen.delete(id);
      this.#rates.keep(this.#seen);
      this.#round = servers.views();
      this.#eachTurn = Math.ceil(servers.size / usagePolicy.turns);
      this.#turnsLeft = usagePolicy.turns;
    }
    this.#turnsLeft--;
    for (let i = 0; i < this.#eachTurn; i++) {
      const { done, value } = this.#round.next();
      if (done) break;
      if (value.pid > 0) this.#see(value.id);
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
