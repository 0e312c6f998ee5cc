/** Starts and ends the processes of game servers: finds ports that are free, has the program say how it is run, and sees to it that whoever speaks for the process begins and stops. */
import type { Probe, Runner } from '@horizon-atlas/ports';
import type { GameServerWord, PortProtocol } from '@horizon-atlas/protocol';
import { isOver } from '../core/game-servers/game-server-life.ts';
import { PortBook, type PortRange, type PortWish } from '../core/game-servers/port-book.ts';
import { launchOf } from './entries.ts';
import type { Entry } from './roster.ts';
import type { FleetProgram } from './settings.ts';

export interface StarterDeps {
  readonly runner: Runner;
  readonly probe: Probe;
  readonly isPortFree: (host: string, port: number, protocol: PortProtocol) => Promise<boolean>;
  readonly said: (entry: Entry, word: GameServerWord) => void;
  readonly failed: (entry: Entry, message: string) => void;
  /** A stop is over: the process is gone. */
  readonly gone: (entry: Entry) => void;
  /** Its ports are known. */
  readonly placed: (entry: Entry) => void;
}

/** How often another program may be met at a port before a start counts as failed. */
const portTries = 64;

export class Starter {
  readonly #deps: StarterDeps;
  readonly #ports: PortBook;
  readonly #launching = new Map<string, Promise<void>>();

  constructor(deps: StarterDeps, range: PortRange) {
    this.#deps = deps;
    this.#ports = new PortBook(range);
  }

  /** Of one that runs already. */
  adopt(entry: Entry): void {
    this.#ports.hold(
      entry.id,
      entry.ports.map(({ port }) => port),
    );
    if (entry.life.pid !== 0) this.attend(entry);
  }

  start(entry: Entry): void {
    const launching = this.#start(entry)
      .catch((error: unknown) => this.#deps.failed(entry, error instanceof Error ? error.message : String(error)))
      .finally(() => {
        if (this.#launching.get(entry.id) === launching) this.#launching.delete(entry.id);
      });
    this.#launching.set(entry.id, launching);
  }

  attend(entry: Entry): void {
    const program = programOf(entry);
    const { attend } = program;
    entry.detach();
    entry.detach = () => {};
    if (!attend) return;
    try {
      entry.detach = attend.call(program, { ...launchOf(entry), pid: entry.life.pid }, (word) => this.#deps.said(entry, word));
    } catch (error) {
      this.#deps.probe.event('game_server_unattended', { server: entry.id, error: String(error) });
    }
  }

  stop(entry: Entry, graceMs: number): void {
    const { runner, probe } = this.#deps;
    const stopping = (async () => {
      await this.#launching.get(entry.id);
      await runner.stop(entry.id, graceMs);
    })()
      .catch((error) => probe.event('server_stop_failed', { server: entry.id, error: String(error) }))
      .finally(() => {
        if (entry.stopping === stopping) entry.stopping = undefined;
        this.#deps.gone(entry);
      });
    entry.stopping = stopping;
  }

  /** Its end: nobody speaks for it, and its ports are anybody's. */
  forget(entry: Entry): void {
    entry.detach();
    entry.detach = () => {};
    this.#ports.release(
      entry.id,
      entry.ports.map(({ port }) => port),
    );
  }

  async #start(entry: Entry): Promise<void> {
    // Of one that sleeps: its last process may still be on its way out.
    await entry.stopping;
    const program = programOf(entry);
    if (entry.ports.length === 0 && program.ports.length > 0) await this.#place(entry, program.ports, program.host);
    if (isOver(entry.life.state)) return;
    const launched = await program.launch(launchOf(entry));
    const { spec, ports, stopGraceMs } = 'spec' in launched ? launched : { spec: launched };
    if (isOver(entry.life.state)) return;
    if (stopGraceMs !== undefined) entry.stopGraceMs = stopGraceMs;
    if (ports) {
      entry.ports = ports;
      this.#deps.placed(entry);
    }
    await this.#deps.runner.start(spec);
  }

  async #place(entry: Entry, wishes: readonly PortWish[], host: string): Promise<void> {
    for (let tried = 0; tried < portTries; tried++) {
      const ports = this.#ports.take(entry.id, wishes);
      if (!ports) throw new Error('no port is free for it: widen ports.range of the configuration, or have fewer servers');
      const found = wishes.map(({ name, protocol }) => ({ name, protocol, host, port: ports.get(name) ?? 0 }));
      const free = await Promise.all(found.map(({ port, protocol }) => this.#deps.isPortFree(host, port, protocol)));
      if (free.every(Boolean)) {
        entry.ports = found;
        this.#deps.placed(entry);
        return;
      }
      this.#ports.release(entry.id, [...ports.values()]);
      const used = found.find((_, i) => !free[i]);
      if (wishes.every(({ port }) => port !== undefined))
        throw new Error(`another program uses port ${used?.port} (${used?.name})`);
    }
    throw new Error('other programs use the ports that it was to have');
  }
}

/** Of its own version, where that is still known. */
function programOf({ fleet, version }: Entry): FleetProgram {
  return fleet.revisions.find((revision) => revision.version === version)?.program ?? fleet.settings.program;
}
