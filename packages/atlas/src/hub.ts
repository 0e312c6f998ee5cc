/**
 * The control plane's end of the links with game servers, or with gateways: who is there, who said what, and the way back to each.
 * It decides nothing; what is heard goes to `heard` in order, and so do coming and going.
 */
import type { Link, LinkListener, Links, Probe } from '@horizon-atlas/ports';
import { LINK_PROTOCOL, type Union } from '@horizon-atlas/protocol';

export interface HubWishes<In extends { kind: string }, Out> {
  readonly what: 'server' | 'gateway';
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
  /** Says why and ends the link; does nothing if there is none. */
  drop(id: string, code: string, message: string): void;
  close(): Promise<void>;
}

interface Peer {
  readonly link: Link;
  id: string;
}

export async function makeHub<In extends { kind: string }, Out>(
  { links, address, probe }: { links: Links; address: string; probe: Probe },
  wishes: HubWishes<In, Out>,
): Promise<Hub<Out>> {
  const { what, incoming, outgoing } = wishes;
  const peers = new Map<string, Peer>();
  let closed = false;

  const refuse = (peer: Peer, code: string, message: string) => {
    probe.event('link_refused', { what, id: peer.id, code, message });
    peer.link.close({ code, message });
  };

  const welcome = (peer: Peer, message: In): boolean => {
    const hello = wishes.identify(message);
    if (!hello) {
      refuse(peer, 'LINK_FRAME_INVALID', `the first message of a ${what} is hello`);
      return false;
    }
    if (peer.id !== '' && peer.id !== hello.id) {
      refuse(peer, 'LINK_FRAME_INVALID', `it was ${peer.id} before`);
      return false;
    }
    if (hello.version !== LINK_PROTOCOL) {
      refuse(peer, 'LINK_VERSION', `it speaks version ${hello.version}, this Atlas ${LINK_PROTOCOL}`);
      return false;
    }
    const former = peers.get(hello.id);
    peer.id = hello.id;
    peers.set(hello.id, peer);
    // It has dialled again before we noticed that the old link is dead.
    if (former && former !== peer) former.link.close({ code: 'LINK_LOST', message: 'a newer link has taken over' });
    return true;
  };

  const listener: LinkListener = await links.listen(address, (link) => {
    const peer: Peer = { link, id: '' };
    link.onFrame((frame) => {
      const message = incoming.decode(frame);
      if (message === undefined) return refuse(peer, 'LINK_FRAME_INVALID', 'a frame is malformed');
      if ((peer.id === '' || wishes.identify(message)) && !welcome(peer, message)) return;
      if (peers.get(peer.id) === peer) wishes.heard(peer.id, message);
    });
    link.onClose(() => {
      if (peers.get(peer.id) !== peer) return;
      peers.delete(peer.id);
      if (!closed) wishes.lost(peer.id);
    });
  });

  return {
    address: listener.address,
    get ids() {
      return [...peers.keys()];
    },
    send(id, message) {
      const peer = peers.get(id);
      peer?.link.send(outgoing.encode(message));
      return peer !== undefined;
    },
    sendAll(message) {
      if (peers.size === 0) return;
      const frame = outgoing.encode(message);
      for (const { link } of peers.values()) link.send(frame);
    },
    drop(id, code, message) {
      peers.get(id)?.link.close({ code, message });
    },
    async close() {
      closed = true;
      await listener.close();
      for (const { link } of peers.values()) link.close({ code: 'LINK_LOST', message: 'the control plane ends' });
    },
  };
}
