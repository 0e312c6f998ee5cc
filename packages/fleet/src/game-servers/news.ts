/** Who watches game servers and fleets. Watchers may ask for something in turn: they are told one thing after the other, each after it has happened. */
import type { FleetView, GameServerView } from '@horizon-atlas/protocol';

export class News {
  readonly #watchers = new Set<(view: GameServerView, gone: boolean) => void>();
  readonly #fleetWatchers = new Set<(view: FleetView) => void>();
  readonly #waiting: (() => void)[] = [];
  #telling = false;

  /** Returns how to stop. */
  watch(fn: (view: GameServerView, gone: boolean) => void): () => void {
    const watcher = (view: GameServerView, gone: boolean) => fn(view, gone);
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  watchFleets(fn: (view: FleetView) => void): () => void {
    const watcher = (view: FleetView) => fn(view);
    this.#fleetWatchers.add(watcher);
    return () => this.#fleetWatchers.delete(watcher);
  }

  server(view: GameServerView, gone: boolean): void {
    this.#tell(() => {
      for (const watcher of [...this.#watchers]) watcher(view, gone);
    });
  }

  fleet(view: () => FleetView): void {
    if (this.#fleetWatchers.size === 0) return;
    const now = view();
    this.#tell(() => {
      for (const watcher of [...this.#fleetWatchers]) watcher(now);
    });
  }

  #tell(news: () => void): void {
    if (this.#telling) return void this.#waiting.push(news);
    this.#telling = true;
    try {
      for (let next: (() => void) | undefined = news; next; next = this.#waiting.shift()) next();
    } finally {
      this.#telling = false;
    }
  }
}
