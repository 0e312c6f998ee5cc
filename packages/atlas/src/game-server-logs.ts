/** Which log file a game server writes to: ids are new with every start, so files are named after the place in the fleet, and used again. */
import { basename, join } from 'node:path';

export class GameServerLogs {
  readonly #folder: string;
  /** Places by server, as `arena-3`. */
  readonly #places = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Of a server that runs already. */
  found(server: string, file: string): void {
    this.#take(server, basename(file, '.log'));
  }

  /** The lowest free place of its fleet; the same one when it is asked again. */
  fileOf(fleet: string, server: string): string {
    let place = this.#places.get(server);
    for (let i = 0; place === undefined; i++) {
      const free = `${fleet}-${i}`;
      if (!this.#taken.has(free)) place = free;
    }
    this.#take(server, place);
    return join(this.#folder, `${place}.log`);
  }

  gone(server: string): void {
    const place = this.#places.get(server);
    this.#places.delete(server);
    if (place !== undefined) this.#taken.delete(place);
  }

  #take(server: string, place: string): void {
    this.#places.set(server, place);
    this.#taken.add(place);
  }
}
