/**
 * What has changed among game servers since the look before. Their source tells of each change; here the latest of each is kept until the next look, so
 * that ten thousand servers that do nothing cost next to nothing. CPU and memory change all the time and are no news: they are brought up to date for a
 * fifth of the servers each look.
 */
import type { GameServer } from '../resources/fleets.ts';
import type { FleetSource } from '../sources.ts';

const slots = 5;

export interface ServersNews {
  readonly whole: boolean;
  readonly upsert: readonly GameServer[];
  readonly gone: readonly string[];
}

export class ServerChanges {
  readonly #source: FleetSource;
  readonly #stop: () => void;
  /** undefined: gone. */
  readonly #changed = new Map<string, GameServer | undefined>();
  /** What was told of each one's figures, by slot. */
  readonly #figures = Array.from({ length: slots }, () => new Map<string, string>());
  readonly #slotOf = new Map<string, number>();
  #look = 0;
  #next = 0;

  constructor(source: FleetSource) {
    this.#source = source;
    for (const server of source.servers()) this.#note(server);
    this.#stop = source.onServer((server, gone) => this.#changed.set(server.id, gone ? undefined : server));
  }

  /** undefined: nothing has changed. */
  look(): ServersNews | undefined {
    const upsert: GameServer[] = [];
    const gone: string[] = [];
    for (const [id, server] of this.#changed) {
      if (server) {
        this.#note(server);
        upsert.push(server);
      } else {
        this.#figures[this.#slotOf.get(id) ?? 0]?.delete(id);
        this.#slotOf.delete(id);
        gone.push(id);
      }
    }
    for (const [id, told] of this.#figures[this.#look++ % slots] ?? []) {
      const server = this.#changed.has(id) ? undefined : this.#source.server(id);
      if (!server || figuresOf(server) === told) continue;
      this.#note(server);
      upsert.push(server);
    }
    this.#changed.clear();
    return upsert.length + gone.length === 0 ? undefined : { whole: false, upsert, gone };
  }

  /** All, as of now. */
  whole(): ServersNews {
    return { whole: true, upsert: this.#source.servers(), gone: [] };
  }

  close(): void {
    this.#stop();
  }

  #note(server: GameServer): void {
    const slot = this.#slotOf.get(server.id) ?? this.#next++ % slots;
    this.#slotOf.set(server.id, slot);
    this.#figures[slot]?.set(server.id, figuresOf(server));
  }
}

function figuresOf({ cpu, memoryBytes }: GameServer): string {
  return `${cpu} ${memoryBytes}`;
}
