/** The side of a gateway that game servers see: one link to each, dialled when the engine says so. */
import type { Link, Links } from '@horizon-atlas/ports';
import { gameLink } from '@horizon-atlas/protocol';
import type { Turn } from '@horizon-atlas/runtime';
import type { GatewayEngine } from '../core/engine.ts';

interface Dialled {
  link: Link | undefined;
  /** It was written to in this turn. */
  dirty: boolean;
}

export class Back {
  readonly #links: Links;
  readonly #turn: Turn;
  readonly #engine: () => GatewayEngine;
  readonly #servers = new Map<string, Dialled>();
  readonly #dirty: Dialled[] = [];

  constructor(host: { links: Links; turn: Turn; engine: () => GatewayEngine }) {
    this.#links = host.links;
    this.#turn = host.turn;
    this.#engine = host.engine;
  }

  toServer(server: string, frame: Uint8Array): void {
    const entry = this.#servers.get(server);
    if (entry?.link === undefined) return;
    if (frame[0] === gameLink.latestUp && !entry.link.writable) return;
    entry.link.send(frame);
    if (entry.dirty) return;
    entry.dirty = true;
    this.#dirty.push(entry);
  }

  /** Writes what was said in this turn, before the nap that may follow. */
  flush(): void {
    for (const entry of this.#dirty) {
      entry.dirty = false;
      entry.link?.flush();
    }
    this.#dirty.length = 0;
  }

  dialServer(server: string, address: string): void {
    const entry: Dialled = { link: undefined, dirty: false };
    this.#servers.set(server, entry);
    const gone = (): void => {
      if (this.#servers.get(server) !== entry) return;
      this.#servers.delete(server);
      this.#engine().serverDown(server, this.#turn.enter());
    };
    this.#links.dial(address).then((link) => {
      if (this.#servers.get(server) !== entry) {
        link.close({ code: 'LINK_LOST', message: 'nobody needs this link any more' });
        return;
      }
      entry.link = link;
      link.onFrame((frame) => this.#engine().fromServer(server, frame, this.#turn.enter()));
      link.onClose(gone);
      this.#engine().serverUp(server, this.#turn.enter());
    }, gone);
  }

  hangUp(server: string): void {
    const entry = this.#servers.get(server);
    this.#servers.delete(server);
    entry?.link?.close({ code: 'LINK_LOST', message: 'nobody is routed here any more' });
  }

  close(): void {
    for (const { link } of this.#servers.values()) link?.close({ code: 'LINK_LOST', message: 'the gateway ends' });
    this.#servers.clear();
  }
}
