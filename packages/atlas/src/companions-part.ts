/**
 * Companions in this Atlas. They are players, mostly: those of the world come as soon as there is a door to knock at, before anything that the
 * world does not need has taken its time; those of matches when there is somebody who forms them.
 */
import type { Clock, Entropy, Probe, Runner } from '@horizon-atlas/ports';
import type { Part } from '@horizon-atlas/runtime';
import { type Companions, makeCompanions, type WaitsFor } from './companions.ts';
import type { AtlasConfig } from './config.ts';
import { type CompanionSettings, companionsOf } from './processes.ts';

export const policy = {
  /** Between two looks at whether players can join. */
  lookMs: 20,
} as const;

interface Host {
  readonly runner: Runner;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly probe: Probe;
}

export class CompanionsPart {
  readonly #config: AtlasConfig;
  readonly #isOpen: () => boolean;
  #host: Host | undefined;
  #companions: Companions | undefined;
  #stopping = false;

  /** `isOpen`: players can join the world, or there is none. */
  constructor(config: AtlasConfig, isOpen: () => boolean) {
    this.#config = config;
    this.#isOpen = isOpen;
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
    return { start: () => this.#start(waitsFor), stop: () => this.#stop(), startMs: 60_000 };
  }

  async #start(waitsFor: WaitsFor): Promise<void> {
    if (this.#config.companions.some((each) => each.waitsFor === waitsFor)) await this.#door();
    await this.#companions?.start(waitsFor);
  }

  /** A world that does not open is no reason to wait for ever. */
  async #door(): Promise<void> {
    const clock = this.#host?.clock;
    const deadlineMs = (clock?.now() ?? 0) + this.#config.regionServer.startTimeoutMs;
    while (clock && !this.#isOpen() && !this.#stopping && clock.now() < deadlineMs) {
      await new Promise<void>((resolve) => void clock.at(clock.now() + policy.lookMs, resolve));
    }
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    await this.#companions?.stop();
  }
}
