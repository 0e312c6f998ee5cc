/**
 * Agones' SDK for the servers of fleets: each gets a door before its process starts, and its number in the environment. The number is kept, since the process
 * knows no other for as long as it lives: the next Atlas opens the same door.
 */
import { type Agones, agonesEnv, makeAgones } from '@horizon-atlas/agones';
import type { FleetProgram, GameServersService } from '@horizon-atlas/fleet';
import type { Probe, ServerProcess, Store } from '@horizon-atlas/ports';
import { AgonesDoorRecord, decodeRecord, encodeRecord, keys } from '@horizon-atlas/protocol';
import type { AtlasConfig, FleetConfig } from './config.ts';

export interface AgonesDoorsHost {
  readonly config: Pick<AtlasConfig, 'fleets'>;
  readonly store: Store;
  readonly probe: Probe;
}

export class AgonesDoors {
  readonly #host: AgonesDoorsHost;
  #agones: Agones | undefined;
  #unwatch: () => void = () => {};

  constructor(host: AgonesDoorsHost) {
    this.#host = host;
  }

  /** Before servers are started: doors of a former Atlas are opened again for those that run. */
  async open(service: GameServersService, running: readonly ServerProcess[]): Promise<void> {
    const { config, store, probe } = this.#host;
    if (!config.fleets.some(({ agones }) => agones)) return;
    const health = (id: string) => {
      const fleet = config.fleets.find(({ name }) => name === service.get(id)?.fleet);
      const { periodMs = 5000, failures = 3 } = fleet?.health ?? {};
      return { disabled: false, periodMs, failureThreshold: failures, initialDelayMs: periodMs };
    };
    const agones = makeAgones({ servers: service, probe, health });
    this.#agones = agones;
    const runs = new Set(running.map(({ id }) => id));
    // All at once: until the last is open nobody is given a server.
    const opened = (await store.list(keys.agonesDoors)).records.map(async ({ key, value }) => {
      const id = key.slice(keys.agonesDoors.length);
      const port = decodeRecord(AgonesDoorRecord, value)?.port;
      if (port === undefined || !runs.has(id)) return this.#forget(id);
      try {
        await agones.open(id, port);
      } catch (error) {
        probe.event('agones_door_lost', { server: id, error: String(error) });
      }
    });
    await Promise.all(opened);
    this.#unwatch = service.watch(({ id }, gone) => {
      if (gone) this.#forget(id);
    });
  }

  /** The program with a door for each of its servers. */
  within(fleet: FleetConfig, program: FleetProgram): FleetProgram {
    if (!fleet.agones) return program;
    return {
      ...program,
      launch: async (server) => {
        const launched = await program.launch(server);
        const env = await this.#envFor(server.id);
        if ('spec' in launched) return { ...launched, spec: { ...launched.spec, env: { ...env, ...launched.spec.env } } };
        return { ...launched, env: { ...env, ...launched.env } };
      },
    };
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#agones?.stop();
  }

  async #envFor(id: string): Promise<Readonly<Record<string, string>>> {
    if (!this.#agones) return {};
    const port = await this.#agones.open(id);
    const written = await this.#host.store.transact(
      [{ op: 'put', key: keys.agonesDoor(id), value: encodeRecord(AgonesDoorRecord, { port }) }],
      [],
    );
    // It runs all the same; after a restart of Atlas it could not be heard.
    if (!written.ok) this.#host.probe.event('agones_door_unwritten', { server: id, code: written.code });
    return agonesEnv(port);
  }

  #forget(id: string): void {
    void this.#host.store.transact([{ op: 'delete', key: keys.agonesDoor(id) }], []).catch(() => {});
  }
}
