/** Links to the servers of neighbouring regions. Both sides may dial at once; whatever link is there carries both ways. */
import type { Link, LinkCloseReason, Links } from '@horizon-atlas/ports';
import { MeshMessage } from '@horizon-atlas/protocol';

/** The first byte of a frame between servers; between gateway and server it is one of `gameLink`. */
export const MESH_FRAME = 0x01;

export interface PeerHears {
  up(server: string): void;
  down(server: string): void;
  hear(server: string, message: MeshMessage): void;
}

export class PeerLinks {
  readonly #links: Links;
  readonly #out: PeerHears;
  /** The newest is spoken on; all are listened to. */
  readonly #open = new Map<string, Link[]>();
  readonly #dialling = new Set<string>();

  constructor(links: Links, out: PeerHears) {
    this.#links = links;
    this.#out = out;
  }

  dial(server: string, address: string): void {
    if (this.#open.has(server) || this.#dialling.has(server)) return;
    this.#dialling.add(server);
    this.#links.dial(address).then(
      (link) => {
        this.#dialling.delete(server);
        this.#add(server, link);
      },
      // The engine asks again while it wants it.
      () => this.#dialling.delete(server),
    );
  }

  /** A link whose first frame is a neighbour's; it must be the hello that says which. */
  accept(link: Link, first: Uint8Array): void {
    const hello = MeshMessage.decode(first, 1);
    if (hello?.kind === 'hello') this.#add(hello.server, link);
    else link.close({ code: 'LINK_FRAME_INVALID', message: 'the first frame between servers is hello' });
  }

  send(server: string, message: MeshMessage): void {
    const link = this.#open.get(server)?.at(-1);
    if (!link) return;
    const body = MeshMessage.encode(message);
    const frame = new Uint8Array(1 + body.length);
    frame[0] = MESH_FRAME;
    frame.set(body, 1);
    link.send(frame);
  }

  close(reason: LinkCloseReason): void {
    for (const links of this.#open.values()) for (const link of links) link.close(reason);
  }

  #add(server: string, link: Link): void {
    const links = this.#open.get(server) ?? [];
    links.push(link);
    this.#open.set(server, links);
    link.onFrame((frame) => {
      const message = frame[0] === MESH_FRAME ? MeshMessage.decode(frame, 1) : undefined;
      if (message) this.#out.hear(server, message);
      else link.close({ code: 'LINK_FRAME_INVALID', message: 'a malformed message between servers' });
    });
    link.onClose(() => {
      links.splice(links.indexOf(link), 1);
      if (links.length > 0) return;
      this.#open.delete(server);
      this.#out.down(server);
    });
    // Said on each new link: the other side may know this one only by what it says first.
    this.#out.up(server);
  }
}
