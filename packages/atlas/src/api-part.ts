/**
 * The API of this Atlas. Its port is bound before anything is started, and who knocks early waits; its code is loaded once the world plays: processes that
 * start and players who come back need the machine more.
 */
import { must } from '@horizon-atlas/base';
import type { Control, ControlDeps, ControlPolicy, Status } from '@horizon-atlas/control';
import { type HeldPort, holdPort } from '@horizon-atlas/control/held-port';
import type { Clock } from '@horizon-atlas/ports';
import { apiPolicy } from './api-policy.ts';
import type { AtlasConfig } from './config.ts';
import { until } from './until.ts';

export const policy = {
  /** It waits so long for a world that starts, and then for the players who were in it. */
  worldMs: 2_000,
  playersMs: 700,
} as const;

/** A world that starts. */
export interface WorldStarts {
  isOpen(): boolean;
  /** All players on record are back. */
  isWhole(): boolean;
}

export class ApiPart {
  url = '';
  readonly #config: AtlasConfig;
  readonly #clock: Clock;
  readonly #tokenFile: string;
  #policy: ControlPolicy | undefined;
  #held: HeldPort | undefined;
  #control: Control | undefined;
  #opens: Promise<void> = Promise.resolve();
  #closes = false;

  constructor(config: AtlasConfig, clock: Clock, tokenFile: string) {
    this.#config = config;
    this.#clock = clock;
    this.#tokenFile = tokenFile;
  }

  /** Resolves with its port. Rejects with PORT_IN_USE. */
  async hold(): Promise<number> {
    this.#policy = apiPolicy(this.#config, { tokenFile: this.#tokenFile });
    const { host, port } = this.#policy;
    this.#held = await holdPort(host, port);
    this.url = this.#held.url;
    return this.#held.port;
  }

  /** @param world what is waited for; undefined: nothing */
  openSoon(world: WorldStarts | undefined, deps: () => ControlDeps): void {
    this.#opens = this.#open(world, deps);
    // Told by `opened`.
    this.#opens.catch(() => {});
  }

  /** Rejects if it could not be opened. */
  opened(): Promise<void> {
    return this.#opens;
  }

  async close(): Promise<void> {
    this.#closes = true;
    await this.#opens.catch(() => {});
    await (this.#control ?? this.#held)?.close();
  }

  async #open(world: WorldStarts | undefined, deps: () => ControlDeps): Promise<void> {
    if (world) {
      await until(() => this.#closes || world.isOpen(), this.#clock, policy.worldMs);
      await until(() => this.#closes || world.isWhole(), this.#clock, policy.playersMs);
    }
    if (this.#closes) return;
    const { makeControl } = await import('@horizon-atlas/control');
    this.#control = makeControl(deps(), { ...must(this.#policy, 'its port is held'), dashboard });
    await this.#control.listen(this.#held);
  }
}

/** What players still wait for, one phrase each; without a world nobody does. */
export function missingIn({ regions, gateways }: Status, { world }: AtlasConfig): string[] {
  if (world.regions.length === 0) return [];
  const missing: string[] = [];
  if (!gateways.some(({ state }) => state === 'ready')) missing.push('a gateway');
  if (regions.find(({ id }) => id === world.spawn.region)?.state !== 'active') missing.push('the region where players begin');
  return missing;
}

/** Loaded when somebody opens it: in a checkout it may have to be built first. */
async function dashboard(): Promise<string> {
  return (await import('@horizon-atlas/dashboard')).dashboardFolder();
}
