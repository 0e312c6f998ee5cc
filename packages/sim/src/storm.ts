/** The misfortunes of a world, as the seed drew them: when each strikes, and whom. After `begin`'s end it is calm. */
import { type HandoffStep, handoffSteps } from './faults.ts';
import type { Process } from './kernel.ts';
import type { World } from './world.ts';

/** Between two absences of the coordinator. */
const coordinatorRestMs = 3_000;

export class Storm {
  readonly #world: World;
  #endMs = 0;
  #stepDone = false;
  #coordinatorFreeMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  begin(endMs: number): void {
    this.#endMs = endMs;
    const { faults, kernel, network } = this.#world;
    this.#every(faults.linkCutS, () => this.#cutLink());
    this.#every(faults.linkFlapS, () => this.#flapLink());
    this.#every(faults.clientCutS, () => this.#cutClient());
    this.#every(faults.slowClientS, () => this.#slowClient());
    this.#every(faults.serverCrashS, () => this.#anyServer((server) => this.#world.crashServer(server)));
    this.#every(faults.serverPauseS, () => this.#anyServer((server) => this.#pause(server.process)));
    this.#every(faults.drainS, () => this.#drain());
    this.#every(faults.pausePairS, () => this.#pausePair());
    this.#every(faults.gatewayCrashS, () => this.#crashGateway());
    this.#every(faults.coordinatorCrashS, () => this.#crashCoordinator());
    this.#every(faults.coordinatorPauseS, () => this.#pause(this.#world.coordinator.process));
    this.#every(faults.storeFullS, () => this.#world.disk.fillUp(this.#world.prng.between(100, 4_000)));
    this.#every(faults.storeUnknownS, () => this.#world.disk.losesAnswers(this.#world.prng.between(10, 500)));
    kernel.at(endMs, () => {
      network.stormy = false;
    });
  }

  /** A step of some handoff was reached; the one that the seed chose brings a crash along, once. */
  reached(step: string, server: string): void {
    const wanted = this.#world.faults.crashAtStep;
    if (!wanted || this.#stepDone || !this.#world.network.stormy || step !== wanted.step) return;
    if (!handoffSteps.includes(step as HandoffStep)) return;
    this.#stepDone = true;
    // After the message that is just being handled, not in the middle of it.
    this.#world.kernel.after(this.#world.prng.pick([0, 0.5, 3]), () => {
      if (wanted.victim === 'coordinator') this.#crashCoordinator();
      else if (wanted.victim === 'gateway') this.#crashGateway();
      else {
        const at = this.#world.servers.get(server);
        const others = [...this.#world.servers.values()].filter((each) => each !== at);
        const victim = wanted.victim === 'source' ? at : others.length > 0 ? this.#world.prng.pick(others) : undefined;
        if (victim) this.#world.crashServer(victim);
      }
    });
  }

  #every(meanS: number, strike: () => void): void {
    if (meanS === Number.POSITIVE_INFINITY) return;
    const { kernel, prng } = this.#world;
    const waitMs = -Math.log(1 - prng.unit()) * meanS * 1_000;
    if (kernel.nowMs + waitMs >= this.#endMs) return;
    kernel.after(waitMs, () => {
      strike();
      this.#every(meanS, strike);
    });
  }

  #cutLink(): void {
    const links = [...this.#world.network.links];
    if (links.length > 0) this.#world.prng.pick(links).cut();
  }

  /** Now and then for longer than the session's window. */
  #cutClient(): void {
    const { prng, players, kernel } = this.#world;
    const ms = prng.chance(0.1) ? prng.between(10_000, 20_000) : 0;
    prng.pick(players).current?.cut(Math.min(ms, this.#endMs - kernel.nowMs));
  }

  #slowClient(): void {
    const { prng, players, kernel } = this.#world;
    const ms = Math.min(prng.between(500, 8_000), this.#endMs - kernel.nowMs);
    prng.pick(players).current?.slow(ms, prng.pick([0, 50, 200]));
  }

  #flapLink(): void {
    const { network, prng, kernel } = this.#world;
    const links = [...network.links];
    if (links.length === 0) return;
    const [a, b] = prng.pick(links).processes;
    const untilMs = kernel.nowMs + prng.between(500, 6_000);
    const again = () => {
      if (kernel.nowMs >= Math.min(untilMs, this.#endMs)) return;
      for (const link of [...network.links]) if (link.joins(a, b)) link.cut();
      kernel.after(prng.between(20, 600), again);
    };
    again();
  }

  #drain(): void {
    const { prng, gateways, kernel } = this.#world;
    const deadlineMs = Math.min(prng.between(100, 4_000), this.#endMs - kernel.nowMs);
    if (prng.chance(0.3)) prng.pick(gateways).drain(deadlineMs);
    // No draw of its own, or every world with a drain in it would be another one.
    else if (Math.floor(deadlineMs) % 2 === 0) this.#anyServer((server) => server.drain(deadlineMs));
    else this.#anyServer((server) => this.#empty(server.id));
  }

  /** An operator's wish: the server's regions go to others first. */
  #empty(server: string): void {
    const { coordinator, kernel } = this.#world;
    if (!coordinator.process.alive) return;
    this.#world.trace('control', 'empty', { server });
    coordinator.process.input(() => coordinator.engine?.emptyServer(server, kernel.nowMs));
  }

  /** One of them wakes first, and neither knows. */
  #pausePair(): void {
    const { prng, servers, gateways, coordinator } = this.#world;
    const all = [
      coordinator.process,
      ...gateways.map((each) => each.process),
      ...[...servers.values()].map((each) => each.process),
    ];
    this.#pause(prng.pick(all));
    this.#pause(prng.pick(all));
  }

  #anyServer(strike: (server: import('./server-node.ts').ServerNode) => void): void {
    const alive = [...this.#world.servers.values()].filter((server) => server.process.alive);
    if (alive.length > 0) strike(this.#world.prng.pick(alive));
  }

  #pause(process: Process): void {
    if (!process.alive) return;
    const { prng, faults, network, kernel } = this.#world;
    const ms = Math.min(prng.between(50, faults.pauseMsMax), this.#endMs - kernel.nowMs);
    if (process === this.#world.coordinator.process && !this.#mayGo(ms)) return;
    this.#world.trace(process.name, 'paused', { ms });
    process.pause(ms);
    network.pausing(process);
  }

  #crashGateway(): void {
    const gateway = this.#world.prng.pick(this.#world.gateways);
    if (!gateway.process.alive) return;
    this.#world.trace(gateway.id, 'killed', {});
    gateway.crash();
    this.#world.kernel.after(this.#world.prng.between(100, 2_000), () => gateway.start());
  }

  #crashCoordinator(): void {
    const { coordinator } = this.#world;
    if (!coordinator.process.alive) return;
    const ms = this.#world.prng.between(100, 3_000);
    if (!this.#mayGo(ms)) return;
    this.#world.trace('control', 'killed', {});
    coordinator.crash();
    this.#world.kernel.after(ms, () => coordinator.start());
  }

  /**
   * Whether the coordinator may be away for so long: between two absences it has a moment. Sessions here have a window of seconds, and one
   * whose server has died cannot outlive it while nobody gives it another; in production both are minutes apart.
   */
  #mayGo(ms: number): boolean {
    const { nowMs } = this.#world.kernel;
    if (nowMs < this.#coordinatorFreeMs) return false;
    this.#coordinatorFreeMs = nowMs + ms + coordinatorRestMs;
    return true;
  }
}
