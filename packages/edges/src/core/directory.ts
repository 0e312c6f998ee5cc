/** Which public ports there are and which game servers, as the control plane said last; and who of them takes a new player. */
import type { EdgeListener, EdgeTarget } from '@horizon-atlas/protocol';

/** Where a session's packets go. `port` undefined: the server is known, and has no such port (yet). */
export interface Place {
  readonly server: string;
  readonly fleet: string;
  readonly state: EdgeTarget['state'];
  readonly host: string;
  readonly port: number;
}

export type Choice =
  | { readonly kind: 'place'; readonly place: Place }
  /** Somebody has to be woken; an empty server: any of the fleet. */
  | { readonly kind: 'asleep'; readonly fleet: string; readonly server: string; readonly place: Place | undefined }
  | { readonly kind: 'none'; readonly why: 'NO_SERVER' | 'SERVER_GONE' };

const none: ReadonlyMap<string, unknown> = new Map();

export class Directory {
  #listeners = new Map<string, EdgeListener>();
  readonly #targets = new Map<string, EdgeTarget>();
  readonly #loads = new Map<string, number>();

  get listeners(): ReadonlyMap<string, EdgeListener> {
    return this.#listeners;
  }

  get targets(): readonly EdgeTarget[] {
    return [...this.#targets.values()];
  }

  setListeners(listeners: readonly EdgeListener[]): void {
    this.#listeners = new Map(listeners.map((each) => [each.listener, each]));
  }

  /** Answers servers that are gone by it. */
  setTargets(all: boolean, targets: readonly EdgeTarget[]): string[] {
    const named = new Set(targets.map(({ server }) => server));
    const gone = all ? [...this.#targets.keys()].filter((server) => !named.has(server)) : [];
    for (const server of gone) this.#targets.delete(server);
    for (const target of targets) this.#targets.set(target.server, target);
    return gone;
  }

  remove(server: string): void {
    this.#targets.delete(server);
  }

  /** One session more or less at a server: who has the fewest gets the next. */
  load(server: string, by: 1 | -1): void {
    const next = (this.#loads.get(server) ?? 0) + by;
    if (next > 0) this.#loads.set(server, next);
    else this.#loads.delete(server);
  }

  placeOf(server: string, port: string): Place | undefined {
    const target = this.#targets.get(server);
    const found = target?.ports.find(({ name }) => name === port);
    return target && found && { server, fleet: target.fleet, state: target.state, host: found.host, port: found.port };
  }

  /** For a new player who comes by this listener; by token, `server` is the token's. `without`: servers that are not to be chosen. */
  choose(
    { fleet, port, server: fixed, wake }: EdgeListener,
    server = fixed,
    without: ReadonlyMap<string, unknown> = none,
  ): Choice {
    if (server !== '') {
      return without.has(server) ? { kind: 'none', why: 'SERVER_GONE' } : this.#chosen(server, fleet, port, wake);
    }
    const all = this.targets.filter((target) => target.fleet === fleet && !without.has(target.server));
    const up = all.filter(({ state, ports }) => state === 'up' && ports.some(({ name }) => name === port));
    const least = up.sort((a, b) => this.#loadOf(a) - this.#loadOf(b))[0];
    if (least) return this.#chosen(least.server, fleet, port, wake);
    const asleep = all.find(({ state }) => state === 'asleep');
    if (asleep) return this.#chosen(asleep.server, fleet, port, wake);
    // Nobody is there at all: a server that sleeps may also be one that has not been made.
    return wake ? { kind: 'asleep', fleet, server: '', place: undefined } : { kind: 'none', why: 'NO_SERVER' };
  }

  #chosen(server: string, fleet: string, port: string, wake: boolean): Choice {
    const target = this.#targets.get(server);
    if (!target || target.fleet !== fleet || target.state === 'draining') return { kind: 'none', why: 'SERVER_GONE' };
    const place = this.placeOf(server, port);
    if (target.state === 'asleep') {
      return wake ? { kind: 'asleep', fleet, server, place } : { kind: 'none', why: 'NO_SERVER' };
    }
    return place ? { kind: 'place', place } : { kind: 'none', why: 'NO_SERVER' };
  }

  #loadOf({ server }: EdgeTarget): number {
    return this.#loads.get(server) ?? 0;
  }
}
