/**
 * Companions in this Atlas. They are players, mostly: those of the world come as soon as there is a door to knock at, before anything that the
 * world does not need has taken its time; those of matches when there is somebody who forms them.
 */
import { must } from '@horizon-atlas/base';
import type { Clock, Entropy, Probe, Runner } from '@horizon-atlas/ports';
import type { Part } from '@horizon-atlas/runtime';
import { type Companions, makeCompanions, type WaitsFor } from './companions.ts';
import type { AtlasConfig } from './config.ts';
import { type CompanionSettings, companionsOf } from './processes.ts';
import { until } from './until.ts';

const policy = {
  /** What comes after the companions of the world waits so long for the first of them: loading it would keep them waiting. */
  firstPlayerMs: 1_500,
  /** And so long after it: while code loads the control plane answers nobody, and whoever waits for players is told of this one before (the status comes four times a second). */
  toldMs: 300,
  /** Starting them may take so long, beside what the world may take to open. */
  startMs: 60_000,
} as const;

interface Host {
  readonly runner: Runner;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly probe: Probe;
}

export interface WorldSeen {
  /** Players can join, or there is no world. */
  isOpen(): boolean;
  hasPlayers(): boolean;
}

export class CompanionsPart {
  readonly #config: AtlasConfig;
  readonly #world: WorldSeen;
  #host: Host | undefined;
  #companions: Companions | undefined;
  #stopping = false;

  constructor(config: AtlasConfig, world: WorldSeen) {
    this.#config = config;
    this.#world = world;
  }

  get runner(): Runner | undefined {
    return this.#host?.runner;
  }

  /** Before any of them starts: a former Atlas's may be there. */
  open(host: Host, told: CompanionSettings): void {
    this.#host = host;
    this.#companions = makeCompanions(host, companionsOf(told));
  }

  /** Starting those who wait for this, and stopping all of them. */
  of(waitsFor: WaitsFor): Pick<Part, 'start' | 'stop' | 'startMs'> {
    const startMs = this.#config.regionServer.startTimeoutMs + policy.startMs;
    return { start: () => this.#start(waitsFor), stop: () => this.#stop(), startMs };
  }

  async #start(waitsFor: WaitsFor): Promise<void> {
    const isLast = waitsFor === 'matchmaking';
    // The last ones wait even if there are none: what has started as a whole lets players in. Of others nobody is kept waiting, and a world that
    // does not open is no reason to wait for ever.
    const some = this.#config.companions.some((each) => each.waitsFor === waitsFor);
    if (some || isLast) await this.#until(() => this.#world.isOpen(), this.#config.regionServer.startTimeoutMs);
    const started = await this.#companions?.start(waitsFor);
    if (!started || isLast) return;
    await this.#until(() => this.#world.hasPlayers(), policy.firstPlayerMs);
    await this.#until(() => false, policy.toldMs);
  }

  async #until(is: () => boolean, ms: number): Promise<void> {
    await until(() => this.#stopping || is(), must(this.#host, 'the runner is open').clock, ms);
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    await this.#companions?.stop();
  }
}
