/** A player's place in a match: the socket to the match server, in the page and in the bots. */
import type { Wish } from './game.ts';
import { aimToWire, closed, FromPlayer, moveToWire, type Over, ToPlayer, type View, type Welcome } from './messages.ts';
import type { Seat } from './queueing.ts';

export interface SeatEvents {
  welcome(welcome: Welcome): void;
  view(view: View): void;
  /** The match was played to its end. */
  over(over: Over): void;
  /** The socket is closed without that: the match server is gone, or has refused; `why` says which. */
  lost(why: string): void;
}

/** What of a WebSocket is used. */
interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
}

export class SeatTaken {
  readonly #socket: SocketLike;
  #last = '';
  #ended = false;

  constructor({ address, token }: Seat, WebSocket: new (url: string) => unknown, events: SeatEvents) {
    const socket = new WebSocket(address) as SocketLike;
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#send(FromPlayer.encode({ kind: 'join', token }));
    socket.onerror = () => {};
    socket.onmessage = ({ data }: { data: ArrayBuffer }) => {
      if (this.#ended) return;
      const said = ToPlayer.decode(new Uint8Array(data));
      if (said?.kind === 'view') events.view(said);
      else if (said?.kind === 'welcome') events.welcome(said);
      else if (said?.kind === 'over') {
        this.#ended = true;
        events.over(said);
      } else socket.close(closed.malformed);
    };
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      if (this.#ended) return;
      this.#ended = true;
      events.lost(reason !== '' ? reason : `the connection to the match server is gone (${code})`);
    };
  }

  /** Said only if it is another one than before. */
  wish({ moveX, moveY, aim, fire, dash }: Wish): void {
    const wish = { kind: 'wish', moveX: moveToWire(moveX), moveY: moveToWire(moveY), aim: aimToWire(aim), fire, dash } as const;
    const text = JSON.stringify(wish);
    if (text === this.#last || this.#socket.readyState !== 1) return;
    this.#last = text;
    this.#send(FromPlayer.encode(wish));
  }

  /** Leaves; the match goes on without. */
  leave(): void {
    this.#ended = true;
    this.#socket.close(1000);
  }

  #send(bytes: Uint8Array): void {
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
  }
}
