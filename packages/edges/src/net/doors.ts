/** The public ports of an edge: opened and closed until they are those that are wanted, and what became of each. */
import type { EdgeListener } from '@horizon-atlas/protocol';
import type { TcpSide } from './tcp-side.ts';
import type { UdpSide } from './udp-side.ts';

export interface DoorTold {
  readonly listener: string;
  /** 0: it could not be opened. */
  readonly port: number;
  readonly code: string;
  readonly message: string;
}

/** With TCP and UDP on one number that the system picks, the second may find it taken. */
const TRIES = 8;

export class Doors {
  readonly #udp: UdpSide;
  readonly #tcp: TcpSide;
  readonly #open = new Map<string, { readonly listener: EdgeListener; told: DoorTold }>();
  #turn: Promise<void> = Promise.resolve();

  constructor(udp: UdpSide, tcp: TcpSide) {
    this.#udp = udp;
    this.#tcp = tcp;
  }

  get told(): readonly DoorTold[] {
    return [...this.#open.values()].map(({ told }) => told);
  }

  portOf(listener: string): number | undefined {
    const port = this.#open.get(listener)?.told.port;
    return port === 0 ? undefined : port;
  }

  /** Just these are open afterwards; one that could not be opened is tried again. */
  open(listeners: readonly EdgeListener[]): Promise<void> {
    this.#turn = this.#turn.then(() => this.#become(listeners));
    return this.#turn;
  }

  async #become(listeners: readonly EdgeListener[]): Promise<void> {
    const wanted = new Map(listeners.map((each) => [each.listener, each]));
    for (const [name, { listener, told }] of [...this.#open]) {
      const now = wanted.get(name);
      // A port that the system picked stays, also where the former process had been given its number.
      const port = now && (now.listenPort === 0 || now.listenPort === told.port);
      const alike = port && told.code === '' && now && sameBut(now, listener);
      if (alike) wanted.delete(name);
      else this.#close(name, listener);
    }
    for (const listener of wanted.values()) {
      const told = await this.#opened(listener);
      this.#open.set(listener.listener, { listener, told });
    }
  }

  async #opened(listener: EdgeListener): Promise<DoorTold> {
    const { listener: name, protocol, listenHost, listenPort } = listener;
    for (let left = TRIES; ; left--) {
      try {
        if (protocol === 'udp')
          return { listener: name, port: await this.#udp.listen(listener, listenPort), code: '', message: '' };
        const port = await this.#tcp.listen(listener, listenPort);
        if (protocol === 'tcp+udp') await this.#udp.listen(listener, port);
        return { listener: name, port, code: '', message: '' };
      } catch (error) {
        this.#close(name, listener);
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'EADDRINUSE' && listenPort === 0 && left > 1) continue;
        const why = code === 'EADDRINUSE' ? `port ${listenPort} of ${listenHost} is in use by another program` : message;
        return { listener: name, port: 0, code: code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'CONFIG_INVALID', message: why };
      }
    }
  }

  #close(name: string, { protocol }: EdgeListener): void {
    this.#open.delete(name);
    if (protocol !== 'tcp' && protocol !== 'ws') this.#udp.unlisten(name);
    if (protocol !== 'udp') this.#tcp.unlisten(name);
  }
}

function sameBut(a: EdgeListener, b: EdgeListener): boolean {
  return JSON.stringify({ ...a, listenPort: 0 }) === JSON.stringify({ ...b, listenPort: 0 });
}
