/** Public ports of servers that have one of their own: the lowest free of a range, kept as long as the server is there. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export class PublicPorts {
  readonly #range: PortRange;
  readonly #of = new Map<string, number>();
  readonly #taken = new Map<number, string>();

  constructor(range: PortRange) {
    this.#range = range;
  }

  /** undefined: all are taken. */
  of(listener: string): number | undefined {
    const known = this.#of.get(listener);
    if (known !== undefined) return known;
    for (let port = this.#range.first; port <= this.#range.last; port++) {
      if (this.#taken.has(port)) continue;
      this.adopt(listener, port);
      return port;
    }
    return undefined;
  }

  /** As an edge has it, which may have outlived a control plane. */
  adopt(listener: string, port: number): void {
    if (port < this.#range.first || port > this.#range.last || this.#taken.has(port) || this.#of.has(listener)) return;
    this.#of.set(listener, port);
    this.#taken.set(port, listener);
  }

  /** All of a server's. */
  release(server: string): void {
    for (const [listener, port] of this.#of) {
      if (!listener.endsWith(`/${server}`)) continue;
      this.#of.delete(listener);
      this.#taken.delete(port);
    }
  }
}
