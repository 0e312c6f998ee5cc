/** Requests that wait for a server: the highest priority first, and within one who came first. */
export class Waiting<T extends { readonly requestId: string }> {
  readonly #byPriority = new Map<number, Map<string, T>>();
  readonly #priorities = new Map<string, number>();
  #order: readonly number[] = [];

  get size(): number {
    return this.#priorities.size;
  }

  has(requestId: string): boolean {
    return this.#priorities.has(requestId);
  }

  add(request: T, priority: number): void {
    let line = this.#byPriority.get(priority);
    if (!line) {
      line = new Map();
      this.#byPriority.set(priority, line);
      this.#order = [...this.#byPriority.keys()].sort((a, b) => b - a);
    }
    line.set(request.requestId, request);
    this.#priorities.set(request.requestId, priority);
  }

  remove(requestId: string): T | undefined {
    const priority = this.#priorities.get(requestId);
    if (priority === undefined) return undefined;
    this.#priorities.delete(requestId);
    const line = this.#byPriority.get(priority);
    const request = line?.get(requestId);
    line?.delete(requestId);
    if (line?.size === 0) {
      this.#byPriority.delete(priority);
      this.#order = this.#order.filter((each) => each !== priority);
    }
    return request;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const priority of this.#order) yield* this.#byPriority.get(priority)?.values() ?? [];
  }
}
