/** Who watches which game server: each change goes to its watchers, and one that does not read gets the latest when it reads again. */
import type { GameServerView } from '@horizon-atlas/protocol';
import type { Heard, Speaker } from './core/calls.ts';
import { gameServerOf } from './core/game-server-shape.ts';
import { agonesLimits } from './core/limits.ts';

export interface Watcher {
  /** False: not more for now; `drained` is called when there is room again. */
  send(message: Record<string, unknown>): boolean;
  /** The server is gone, and nothing follows. */
  ended(): void;
}

export interface Watched {
  drained(): void;
  stop(): void;
}

interface Place {
  readonly speaker: Speaker;
  readonly watcher: Watcher;
  full: boolean;
  /** A change came while it was full. */
  behind: boolean;
  /** What was sent last: a word of health changes the server and nothing that is told of it. */
  last: string;
}

export class Watching {
  readonly #servers: Heard;
  readonly #places = new Map<string, Set<Place>>();
  #stop: (() => void) | undefined;

  constructor(servers: Heard) {
    this.#servers = servers;
  }

  /** The first message is what is known now. undefined: as many watch that server as may. */
  watch(speaker: Speaker, watcher: Watcher): Watched | undefined {
    const places = this.#places.get(speaker.id) ?? new Set();
    if (places.size >= agonesLimits.watches) return undefined;
    const place: Place = { speaker, watcher, full: false, behind: false, last: '' };
    places.add(place);
    this.#places.set(speaker.id, places);
    this.#stop ??= this.#servers.watch((view, gone) => this.#changed(view, gone));
    this.#send(place);
    return {
      drained: () => {
        place.full = false;
        if (place.behind) this.#send(place);
      },
      stop: () => this.#forget(speaker.id, place),
    };
  }

  /** Ends all watches of a server. */
  end(id: string): void {
    for (const { watcher } of this.#places.get(id) ?? []) watcher.ended();
    this.#places.delete(id);
    this.#rest();
  }

  #changed(view: GameServerView, gone: boolean): void {
    const places = this.#places.get(view.id);
    if (!places) return;
    for (const place of [...places]) this.#send(place, view);
    if (gone) this.end(view.id);
  }

  #send(place: Place, view = this.#servers.get(place.speaker.id)): void {
    place.behind = place.full;
    if (place.full || !view) return;
    const message = gameServerOf(view, place.speaker.health);
    const text = JSON.stringify(message);
    if (text === place.last) return;
    place.last = text;
    place.full = !place.watcher.send(message);
  }

  #forget(id: string, place: Place): void {
    const places = this.#places.get(id);
    places?.delete(place);
    if (places?.size === 0) this.#places.delete(id);
    this.#rest();
  }

  #rest(): void {
    if (this.#places.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}
