/** Hands what happens in a world to its checkers, with the time, and counts it; each kind of happening only to those that want it. */
import type { StoreChange } from '@horizon-atlas/ports';
import type { ServerToControl } from '@horizon-atlas/protocol';
import { type Checker, type Ending, Violation } from './checkers/checker.ts';
import type { Count } from './game.ts';
import type { Kernel } from './kernel.ts';

export class Notes {
  readonly #kernel: Kernel;
  readonly #checkers: readonly Checker[];
  /** How much there was to check: a run in which nothing happened proves nothing. */
  readonly seen = {
    simulated: 0,
    viewed: 0,
    /** Views in which somebody else was in sight. */
    met: 0,
    applied: 0,
    echoed: 0,
    committed: 0,
    crossed: 0,
    /** Crossings with the copy there in time, of all that were committed. */
    warm: 0,
    cold: 0,
    /** Applied with a pet in the group; and actions on others. */
    led: 0,
    poked: 0,
    deferred: 0,
    thawed: 0,
    slept: 0,
    resumed: 0,
    /** Sessions lost for good, after which the client began a new one. */
    begunAnew: 0,
    left: 0,
    takenOver: 0,
    returned: 0,
    died: 0,
    drained: 0,
    /** Clients that were too slow. */
    sentAway: 0,
  };

  constructor(kernel: Kernel, checkers: readonly Checker[]) {
    this.#kernel = kernel;
    this.#checkers = checkers;
  }

  simulated(server: string, life: number, group: number, epoch: number): void {
    this.seen.simulated++;
    this.#tell((checker, nowMs) => checker.simulated?.(server, life, group, epoch, nowMs));
  }

  viewed(client: number, epoch: number): void {
    this.seen.viewed++;
    this.#tell((checker, nowMs) => checker.viewed?.(client, epoch, nowMs));
  }

  sighted(client: number, entities: readonly { readonly entity: number }[]): void {
    if (entities.length < 2) return;
    this.seen.met++;
    this.#tell((checker, nowMs) => checker.sighted?.(client, entities, nowMs));
  }

  loggedIn(player: string, login: number, promised: number): void {
    this.#tell((checker, nowMs) => checker.loggedIn?.(player, login, promised, nowMs));
  }

  applied(player: string, command: { readonly login: number; readonly i: number }, before: Count): void {
    this.seen.applied++;
    if (command.login > before.login && before.n > 0) this.seen.returned++;
    this.#tell((checker, nowMs) => checker.applied?.(player, command, before, nowMs));
  }

  led(pet: number, master: number): void {
    this.seen.led++;
    this.#tell((checker, nowMs) => checker.led?.(pet, master, nowMs));
  }

  poked(id: number): void {
    this.seen.poked++;
    this.#tell((checker, nowMs) => checker.poked?.(id, nowMs));
  }

  echoed(client: number, login: number, i: number): void {
    this.seen.echoed++;
    this.#tell((checker, nowMs) => checker.echoed?.(client, login, i, nowMs));
  }

  welcomed(client: number, session: string, resumed: boolean): void {
    if (resumed) this.seen.resumed++;
    this.#tell((checker, nowMs) => checker.welcomed?.(client, session, resumed, nowMs));
  }

  socketClosed(client: number, code: string): void {
    this.#tell((checker, nowMs) => checker.socketClosed?.(client, code, nowMs));
  }

  committed(changes: readonly StoreChange[]): void {
    this.seen.committed++;
    this.#tell((checker, nowMs) => checker.committed?.(changes, nowMs));
  }

  /** What a server said that tells how things go. */
  said(message: ServerToControl): void {
    if (message.kind === 'activated') this.seen[message.warm ? 'warm' : 'cold']++;
    else if (message.kind === 'defer') this.seen.deferred++;
    else if (message.kind === 'thawed') this.seen.thawed++;
    else if (message.kind === 'slept') this.seen.slept++;
  }

  serverDied(): void {
    this.seen.died++;
  }

  /** Something that must never happen at all: an exception in a hook, which an engine reports and survives. */
  fault(what: string): void {
    this.#kernel.failed ??= new Violation('no-fault', what);
  }

  crossed(): void {
    this.seen.crossed++;
  }

  ended(ending: Ending): void {
    this.#tell((checker) => checker.ended?.(ending));
  }

  /** A violation ends the run even if whoever caused it, as game code does, is guarded against what it throws. */
  #tell(say: (checker: Checker, nowMs: number) => void): void {
    const { nowMs } = this.#kernel;
    try {
      for (const checker of this.#checkers) say(checker, nowMs);
    } catch (error) {
      this.#kernel.failed ??= error as Error;
    }
  }
}
