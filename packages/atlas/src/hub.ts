/**
 * The control plane's end of the links with game servers, or with gateways: who is there, who said what, and the way back to each.
 * It decides nothing; what is heard goes to `heard` in order, and so do coming and going.
 */
import type { Link, LinkListener, Links, Probe } from '@horizon-atlas/ports';
import { LINK_PROTOCOL, type Union } from '@horizon-atlas/protocol';

export interface HubWishes<In extends { kind: string }, Out> {
  readonly what: 'server' | 'gateway' | 'edge' | 'match server';
  readonly incoming: Union<In>;
  readonly outgoing: Union<Out>;
  /** Who a hello says that it is; undefined for other messages. */
  identify(message: In): { readonly id: string; readonly version: number } | undefined;
  /** The first of each link is its hello. */
  heard(id: string, message: In): void;
  /** The link is gone and no newer one has taken its place. */
  lost(id: string): void;
}

export interface Hub<Out> {
  /** Given to those who dial. */
  readonly address: string;
  readonly ids: readonly string[];
  /** False: nobody of that id is linked. Senders repeat what matters. */
  send(id: string, message: Out): boolean;
  sendAll(message: Out): void;
  /** Ends all links; who is there dials again and begins with its hello. */
  relink(): void;
  /** Says why and ends the link; does nothing if there is none. */
  drop(id: string, code: string, message: string): void;
  close(): Promise<void>;
}

interface HubDeps {
  readonly links: Links;
  readonly address: string;
  readonly probe: Probe;
}

interface Peer {
  readonly link: Link;
  /** Empty before its hello. */
  id: string;
}

/** Rejects with LINK_ADDRESS_IN_USE or LINK_LISTEN_FAILED. */
export async function makeHub<In extends { kind: string }, Out>(deps: HubDeps, wishes: HubWishes<In, Out>): Promise<Hub<Out>> {
  const hub = new LinkHub(deps, wishes);
  await hub.open();
  return hub;
}

class LinkHub<In extends { kind: string }, Out> implements Hub<Out> {
  readonly #deps: HubDeps;
  readonly #wishes: HubWishes<In, Out>;
  readonly #peers = new Map<string, Peer>();
  #listener: LinkListener | undefined;
  #closed = false;

  constructor(deps: HubDeps, wishes: HubWishes<In, Out>) {
    this.#deps = deps;
    this.#wishes = wishes;
  }

  async open(): Promise<void> {
    this.#listener = await this.#deps.links.listen(this.#deps.address, (link) => this.#accept(link));
  }

  get address(): string {
    return this.#listener?.address ?? this.#deps.address;
  }

  get ids(): readonly string[] {
    return [...this.#peers.keys()];
  }

  send(id: string, message: Out): boolean {
    const peer = this.#peers.get(id);
    peer?.link.send(this.#wishes.outgoing.encode(message));
    return peer !== undefined;
  }

  sendAll(message: Out): void {
    if (this.#peers.size === 0) return;
    const frame = this.#wishes.outgoing.encode(message);
    for (const { link } of this.#peers.values()) link.send(frame);
  }

  drop(id: string, code: string, message: string): void {
    this.#peers.get(id)?.link.close({ code, message });
  }

  relink(): void {
    for (const { link } of this.#peers.values()) link.close({ code: 'LINK_LOST', message: 'the control plane begins anew' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#listener?.close();
    for (const { link } of this.#peers.values()) link.close({ code: 'LINK_LOST', message: 'the control plane ends' });
  }

  #accept(link: Link): void {
    const peer: Peer = { link, id: '' };
    link.onFrame((frame) => this.#hear(peer, this.#wishes.incoming.decode(frame)));
    link.onClose(() => {
      if (this.#peers.get(peer.id) !== peer) return;
      this.#peers.delete(peer.id);
      if (!this.#closed) this.#wishes.lost(peer.id);
    });
  }

  #hear(peer: Peer, message: In | undefined): void {
    if (message === undefined) {
      this.#refuse(peer, 'LINK_FRAME_INVALID', 'a frame is malformed');
      return;
    }
    if ((peer.id === '' || this.#wishes.identify(message)) && !this.#welcome(peer, message)) return;
    // What a link says that a newer one has replaced is old news.
    if (this.#peers.get(peer.id) === peer) this.#wishes.heard(peer.id, message);
  }

  #welcome(peer: Peer, message: In): boolean {
    const hello = this.#wishes.identify(message);
    if (!hello) return this.#refuse(peer, 'LINK_FRAME_INVALID', `the first message of a ${this.#wishes.what} is hello`);
    if (peer.id !== '' && peer.id !== hello.id) return this.#refuse(peer, 'LINK_FRAME_INVALID', `it was ${peer.id} before`);
    if (hello.version !== LINK_PROTOCOL) {
      return this.#refuse(peer, 'LINK_VERSION', `it speaks version ${hello.version}, this Atlas ${LINK_PROTOCOL}`);
    }
    const former = this.#peers.get(hello.id);
    peer.id = hello.id;
    this.#peers.set(hello.id, peer);
    // It has dialled again before we noticed that the old link is dead.
    if (former && former !== peer) former.link.close({ code: 'LINK_LOST', message: 'a newer link has taken over' });
    return true;
  }

  #refuse(peer: Peer, code: string, message: string): false {
    this.#deps.probe.event('link_refused', { what: this.#wishes.what, id: peer.id, code, message });
    peer.link.close({ code, message });
    return false;
  }
}
