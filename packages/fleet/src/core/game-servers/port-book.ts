/**
 * Which ports are whose. Each server of a fleet gets the ports that its program asks for, out of one range for all fleets, and gives them back when
 * it is gone. A port that was just given back comes last, so that late packets of a former match meet nobody.
 */
import type { PortProtocol } from '@horizon-atlas/protocol';

/** A port that a program wants. */
export interface PortWish {
  readonly name: string;
  readonly protocol: PortProtocol;
  /** Always this one: a fleet of at most one server then. */
  readonly port?: number;
  /** So far above the port of another one: what cannot be told otherwise, as with query ports. */
  readonly above?: { readonly name: string; readonly by: number };
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export class PortBook {
  readonly #range: PortRange;
  readonly #holders = new Map<number, string>();
  #next: number;

  constructor(range: PortRange) {
    this.#range = range;
    this.#next = range.first;
  }

  get size(): number {
    return this.#holders.size;
  }

  holder(port: number): string | undefined {
    return this.#holders.get(port);
  }

  /**
   * Ports for all wishes, or undefined: none are left. They are the server's from now on; whoever finds one of them used by another program says so
   * by `avoid` and asks again.
   */
  take(server: string, wishes: readonly PortWish[]): ReadonlyMap<string, number> | undefined {
    const free = wishes.filter(({ port, above }) => port === undefined && above === undefined);
    const size = this.#range.last - this.#range.first + 1;
    for (let tried = 0; tried < Math.max(1, size); tried++) {
      const ports = this.#fit(wishes, free);
      if (!ports) continue;
      for (const port of ports.values()) this.#holders.set(port, server);
      return ports;
    }
    return undefined;
  }

  /** Of a server that runs already. */
  hold(server: string, ports: readonly number[]): void {
    for (const port of ports) this.#holders.set(port, server);
  }

  release(server: string, ports: readonly number[]): void {
    for (const port of ports) if (this.#holders.get(port) === server) this.#holders.delete(port);
  }

  #fit(wishes: readonly PortWish[], free: readonly PortWish[]): ReadonlyMap<string, number> | undefined {
    const ports = new Map<string, number>();
    for (const { name } of free) {
      const port = this.#step(new Set(ports.values()));
      if (port === undefined) return undefined;
      ports.set(name, port);
    }
    for (const { name, port, above } of wishes) {
      if (port !== undefined) ports.set(name, port);
      if (above) ports.set(name, (ports.get(above.name) ?? Number.NaN) + above.by);
    }
    const taken = [...ports.values()];
    const fits = taken.every((port) => port > 0 && port < 65_536 && !this.#holders.has(port));
    return fits && new Set(taken).size === taken.length ? ports : undefined;
  }

  /** The next number of the range that is nobody's; undefined: all are somebody's. */
  #step(besides: ReadonlySet<number>): number | undefined {
    const { first, last } = this.#range;
    for (let i = first; i <= last; i++) {
      const port = this.#next;
      this.#next = port >= last ? first : port + 1;
      if (!this.#holders.has(port) && !besides.has(port)) return port;
    }
    return undefined;
  }
}
