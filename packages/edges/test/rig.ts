/** An edge on real sockets, with a control plane that says what the test wants, game servers that say what they heard, and players. */
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { until } from '@horizon-atlas/port-contracts';
import type { Link, LinkListener } from '@horizon-atlas/ports';
import { ControlToEdge, type EdgeListener, type EdgeTarget, EdgeToControl, LINK_PROTOCOL } from '@horizon-atlas/protocol';
import { memoryProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { type Edge, type EdgeConfig, EdgeTokens, type FrontMaker, makeEdge, udpSocketsHere } from '../src/index.ts';

export const secret = new Uint8Array(32).fill(9);
export const tokens = new EdgeTokens(Date.now, [{ secret }]);

export class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), 'edge-'));
  readonly heard: EdgeToControl[] = [];
  readonly control = `unix:${join(this.folder, 'control.sock')}`;
  readonly #undo: (() => unknown)[] = [];
  #listener: LinkListener | undefined;
  #link: Link | undefined;
  #listeners: EdgeListener[] = [];
  #targets: EdgeTarget[] = [];
  #makeFront: FrontMaker | undefined;
  edge: Edge | undefined;

  static async start(
    listeners: EdgeListener[],
    targets: EdgeTarget[],
    { makeFront, ...config }: Partial<EdgeConfig> & { makeFront?: FrontMaker } = {},
  ): Promise<Rig> {
    const rig = new Rig();
    rig.#makeFront = makeFront;
    rig.#listeners = listeners;
    rig.#targets = targets;
    await rig.openControl();
    await rig.startEdge(config);
    for (const { listener } of listeners) await until(() => rig.portOf(listener) > 0, `${listener} listens`);
    return rig;
  }

  async openControl(): Promise<void> {
    this.#listener = await makeLinks({ clock: systemClock() }).listen(this.control, (link) => {
      this.#link = link;
      link.onFrame((frame) => this.#hear(EdgeToControl.decode(frame)));
    });
  }

  async closeControl(): Promise<void> {
    await this.#listener?.close();
    this.#link?.close({ code: 'LINK_LOST', message: 'gone' });
  }

  async startEdge(config: Partial<EdgeConfig> = {}): Promise<void> {
    const clock = systemClock();
    const host = {
      clock,
      entropy: systemEntropy(),
      links: makeLinks({ clock }),
      probe: memoryProbe(),
      sockets: await udpSocketsHere(),
      ...(this.#makeFront ? { makeFront: this.#makeFront } : {}),
    };
    this.edge = makeEdge(host, { edge: 'edge_0', folder: join(this.folder, 'state'), control: this.control, ...config });
    await this.edge.start();
  }

  portOf(listener: string): number {
    return this.edge?.portOf(listener) ?? 0;
  }

  say(message: ControlToEdge): void {
    this.#link?.send(ControlToEdge.encode(message));
  }

  listeners(listeners: EdgeListener[]): void {
    this.#listeners = listeners;
    this.say({ kind: 'listeners', listeners });
  }

  targets(targets: EdgeTarget[]): void {
    this.#targets = targets;
    this.say({ kind: 'targets', all: true, targets });
  }

  dropped(why: string): number {
    return this.edge?.stats.dropped.find((each) => each.why === why)?.count ?? 0;
  }

  after(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  async stop(): Promise<void> {
    await this.edge?.stop();
    await this.closeControl();
    for (const undo of this.#undo.reverse()) await undo();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #hear(message: EdgeToControl | undefined): void {
    if (!message) throw new Error('an edge said what is malformed');
    this.heard.push(message);
    if (message.kind !== 'hello') return;
    this.say({ kind: 'hello', version: LINK_PROTOCOL, keys: [{ key: 'key_1', secret }] });
    this.say({ kind: 'targets', all: true, targets: this.#targets });
    this.say({ kind: 'listeners', listeners: this.#listeners });
  }
}

/** A UDP socket that notes what it hears, and from whom. */
export class UdpEnd {
  readonly heard: { readonly text: string; readonly from: string; readonly port: number }[] = [];
  readonly socket: Socket = createSocket('udp4');
  onData: ((data: Buffer, port: number, from: string) => void) | undefined;

  static async open(port = 0, host = '127.0.0.1'): Promise<UdpEnd> {
    const end = new UdpEnd();
    end.socket.on('message', (data, { address, port: from }) => {
      end.heard.push({ text: data.toString('latin1'), from: address, port: from });
      end.onData?.(data, from, address);
    });
    end.socket.on('error', () => {});
    await new Promise<void>((resolve) => end.socket.bind(port, host, resolve));
    return end;
  }

  /** A game server that answers each datagram by what it got, behind its name and without the dots that fill it: strangers are told less than they said. */
  static async echo(name: string, port = 0): Promise<UdpEnd> {
    const end = await UdpEnd.open(port);
    end.onData = (data, to, from) => end.socket.send(`${name}:${data.toString('latin1').replace(/\.+$/, '')}`, to, from);
    return end;
  }

  get port(): number {
    return this.socket.address().port;
  }

  get texts(): string[] {
    return this.heard.map(({ text }) => text);
  }

  send(data: string | Uint8Array, port: number): void {
    this.socket.send(typeof data === 'string' ? Buffer.from(data, 'latin1') : data, port, '127.0.0.1');
  }

  close(): void {
    this.socket.close();
  }
}

/** undefined: this machine has no Bun. */
export function bunHere(): string | undefined {
  try {
    const name = `@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
    return join(createRequire(import.meta.url).resolve(`${name}/package.json`), '..', 'bin', 'bun');
  } catch {
    return undefined;
  }
}
