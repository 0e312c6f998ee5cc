/**
 * A gateway on a real port, with a control plane and a game server of a few lines each behind links in memory, and the `ws`
 * package as a client that knows nothing of our code.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLinks } from '@horizon-atlas/adapter-link';
import { memoryLinks } from '@horizon-atlas/adapter-memory';
import { Writer } from '@horizon-atlas/base';
import type { Clock, Link } from '@horizon-atlas/ports';
import {
  ClientFrame,
  ControlToGateway,
  GatewayFrame,
  GatewayToControl,
  GatewayToServer,
  gameLink,
  ServerToGateway,
} from '@horizon-atlas/protocol';
import { noProbe, systemClock, systemEntropy } from '@horizon-atlas/runtime';
import { onTestFinished } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import { findBun, type Gateway, type GatewayConfig, issueDevToken, makeGateway } from '../src/index.ts';
import type { Answer, Ask } from './bun-gateways.ts';

export const secret = 'a secret of at least thirty-two bytes';
const DEADLINE_MS = 5_000;

/** Resolves when `check` answers something; looks again each turn of the loop. */
export async function until<T>(what: string, check: () => T | undefined | false): Promise<T> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A control plane that puts everybody into region r1 on server a. */
export class ControlRig {
  readonly heard: GatewayToControl[] = [];
  link: Link | undefined;
  epoch = 1;
  readonly #servers: readonly { server: string; address: string }[];

  constructor(servers: readonly { server: string; address: string }[]) {
    this.#servers = servers;
  }

  linked(link: Link): void {
    this.link = link;
    link.onFrame((frame) => {
      const message = GatewayToControl.decode(frame);
      if (message === undefined) throw new Error('a malformed frame for the control plane');
      this.heard.push(message);
      this.link = link;
      if (message.kind === 'hello') {
        this.say({
          kind: 'hello',
          version: 1,
          keys: [{ key: 'k1', secret: new Uint8Array(32).fill(7) }],
          gateways: [message.url],
        });
        this.say({ kind: 'servers', servers: [...this.#servers] });
      } else if (message.kind === 'join') {
        const { request, session } = message;
        this.say({ kind: 'joined', request, session, region: 'r1', server: 'a', epoch: this.epoch, entity: 9 });
      }
    });
  }

  /** To the gateway that was heard last. */
  say(message: ControlToGateway): void {
    this.link?.send(ControlToGateway.encode(message));
  }
}

interface ServerSession {
  readonly id: string;
  applied: number;
  readonly sent: { readonly seq: number; readonly event: number; readonly payload: Uint8Array }[];
  generation: number;
  link: Link;
  handle: number;
}

/** A game server that attaches everybody, covers everything at once, and says everything back. */
export class ServerRig {
  readonly commands: { session: string; seq: number; text: string }[] = [];
  readonly attaches: Extract<GatewayToServer, { kind: 'attach' }>[] = [];
  readonly detached: string[] = [];
  readonly #sessions = new Map<string, ServerSession>();
  /** Off: commands are applied, but nothing comes back. */
  echo = true;

  linked(link: Link): void {
    link.onFrame((frame) => this.#frame(link, frame));
  }

  latestToAll(key: number, payload: Uint8Array): void {
    const sessions = [...this.#sessions.values()];
    const w = new Writer();
    w.u8(gameLink.fanOut);
    w.u16(sessions.length);
    for (const { handle } of sessions) w.u32(handle);
    w.u32(key);
    w.u16(6);
    w.raw(payload);
    sessions[0]?.link.send(w.view());
  }

  messageTo(id: string, event: number, payload: Uint8Array): void {
    const session = this.#session(id);
    const message = { seq: session.sent.length + 1, event, payload: payload.slice() };
    session.sent.push(message);
    this.#message(session, message);
  }

  acks(id: string, applied: number, covered: number): void {
    const { link, handle } = this.#session(id);
    const w = new Writer();
    w.u8(gameLink.acks);
    w.u16(1);
    w.u32(handle);
    w.u32(applied);
    w.u32(covered);
    link.send(w.view());
  }

  #session(id: string): ServerSession {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Error(`no session ${id}`);
    return session;
  }

  #frame(link: Link, frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    if (frame[0] === gameLink.control) {
      const message = GatewayToServer.decode(frame, 1);
      if (message?.kind === 'attach') this.#attach(link, message);
      if (message?.kind === 'detach') this.detached.push(message.session);
      return;
    }
    if (frame[0] !== gameLink.command) return;
    const handle = view.getUint32(1, true);
    const session = [...this.#sessions.values()].find((each) => each.link === link && each.handle === handle);
    const seq = view.getUint32(5, true);
    if (session === undefined || seq <= session.applied) return;
    if (seq !== session.applied + 1) throw new Error(`command ${seq} after ${session.applied}`);
    session.applied = seq;
    const payload = frame.slice(11);
    this.commands.push({ session: session.id, seq, text: new TextDecoder().decode(payload) });
    if (!this.echo) return;
    this.messageTo(session.id, view.getUint16(9, true), payload);
    this.acks(session.id, seq, seq);
  }

  #attach(link: Link, attach: Extract<GatewayToServer, { kind: 'attach' }>): void {
    const { handle, session: id, received } = attach;
    this.attaches.push(attach);
    const session = this.#sessions.get(id) ?? { id, applied: 0, sent: [], generation: 0, link, handle };
    this.#sessions.set(id, session);
    session.link = link;
    session.handle = handle;
    if (attach.reason !== 'switch') session.generation++;
    const { applied, generation } = session;
    const resumed = attach.reason === 'resume';
    const answer = ServerToGateway.encode({
      kind: 'attached',
      handle,
      session: id,
      resumed,
      applied,
      covered: applied,
      generation,
      tickHz: 30,
    });
    link.send(new Uint8Array([gameLink.control, ...answer]));
    for (const message of session.sent) if (message.seq > received) this.#message(session, message);
  }

  #message({ link, handle }: ServerSession, { seq, event, payload }: { seq: number; event: number; payload: Uint8Array }): void {
    const w = new Writer();
    w.u8(gameLink.message);
    w.u32(handle);
    w.u32(seq);
    w.u16(event);
    w.raw(payload);
    link.send(w.view());
  }
}

/** What tests ask of a gateway; one in another process answers the same. */
export type GatewayRig = Pick<Gateway, 'start' | 'stop' | 'reloadCertificate' | 'url' | 'port' | 'plainUrl'>;

export interface Rig {
  readonly gateway: GatewayRig;
  readonly control: ControlRig;
  readonly server: ServerRig;
  readonly folder: string;
  /** Another one beside the same control plane, not yet started. */
  another(change: Partial<GatewayConfig>): GatewayRig;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Everything running; stopped when the test ends. */
export async function start(change: Partial<GatewayConfig> = {}, clock: Clock = systemClock()): Promise<Rig> {
  const folder = temporaryFolder();
  const elsewhere = process.env.ATLAS_TEST_ENGINE === 'bun';
  const links = elsewhere ? makeLinks({ clock }) : memoryLinks();
  const address = (name: string): string => (elsewhere ? `unix:${folder}/${name}.sock` : `unix:/${name}`);
  const control = new ControlRig([{ server: 'a', address: address('a') }]);
  const server = new ServerRig();
  const listeners = [
    await links.listen(address('control'), (link) => control.linked(link)),
    await links.listen(address('a'), (link) => server.linked(link)),
  ];
  onTestFinished(async () => {
    for (const listener of listeners) await listener.close();
  });
  const another = (more: Partial<GatewayConfig>): GatewayRig => {
    const config: GatewayConfig = {
      gateway: 'g1',
      host: '127.0.0.1',
      port: 0,
      tls: { off: true },
      auth: { hs256Secret: secret },
      control: address('control'),
      ...more,
    };
    const gateway = elsewhere
      ? new BunGateway(config)
      : makeGateway({ clock, entropy: systemEntropy(), links, probe: noProbe }, config);
    onTestFinished(() => gateway.stop(0));
    return gateway;
  };
  const gateway = another(change);
  await gateway.start();
  return { gateway, control, server, folder, another };
}

/** A process of Bun for all gateways of a test file, started with the first. */
let bun: ChildProcess | undefined;
let gateways = 0;

function bunProcess(): ChildProcess {
  if (bun !== undefined) return bun;
  const found = findBun();
  if ('missing' in found) throw new Error(found.missing);
  const entry = new URL('./bun-gateways.ts', import.meta.url).pathname;
  bun = fork(entry, [], { execPath: found.program, execArgv: [] });
  // It lives as long as the channel, and that as long as this process.
  bun.unref();
  bun.channel?.unref();
  bun.setMaxListeners(0);
  return bun;
}

class BunGateway implements GatewayRig {
  readonly #config: GatewayConfig;
  readonly #number = ++gateways;
  #stopping: Promise<void> | undefined;
  url = '';
  plainUrl = '';
  port = 0;

  constructor(config: GatewayConfig) {
    this.#config = config;
  }

  start(): Promise<void> {
    return this.#ask({ what: 'start', config: this.#config });
  }

  reloadCertificate(): Promise<void> {
    return this.#ask({ what: 'reload' });
  }

  stop(drainMs = 0): Promise<void> {
    this.#stopping ??= this.#ask({ what: 'stop', drainMs, config: this.#config });
    return this.#stopping;
  }

  async #ask(ask: Omit<Ask, 'gateway'>): Promise<void> {
    const child = bunProcess();
    const { error, engine, where } = await new Promise<Answer>((resolve, reject) => {
      const heard = (answer: Answer): void => {
        if (answer.gateway === this.#number) done(() => resolve(answer));
      };
      const ended = (code: number | null, signal: string | null): void =>
        done(() => reject(new Error(`Bun has ended: ${signal ?? code}`)));
      const done = (then: () => void): void => {
        child.off('message', heard);
        child.off('exit', ended);
        then();
      };
      child.on('message', heard);
      child.on('exit', ended);
      child.send({ gateway: this.#number, ...ask } satisfies Ask);
    });
    Object.assign(this, where);
    if (error) throw Object.assign(new Error(error.message), { code: error.code });
    if (engine !== 'bun') throw new Error(`the gateway runs in ${engine}`);
  }
}

/** A client by `ws`: what it heard, and how it ended. */
export class ClientRig {
  readonly socket: WebSocket;
  readonly frames: GatewayFrame[] = [];
  readonly texts: string[] = [];
  readonly pings: Buffer[] = [];
  readonly pongs: Buffer[] = [];
  closed: { code: number; reason: string } | undefined;
  /** The HTTP status of a refused upgrade. */
  status: number | undefined;
  error: string | undefined;

  constructor(url: string, protocols: string[] = ['atlas.v1'], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) this.texts.push(data.toString());
      else {
        const frame = GatewayFrame.decode(new Uint8Array(data));
        if (frame === undefined) throw new Error('a client got a malformed frame');
        this.frames.push(frame);
      }
    });
    this.socket.on('ping', (data) => this.pings.push(data));
    this.socket.on('pong', (data) => this.pongs.push(data));
    this.socket.on('close', (code, reason) => {
      this.closed ??= { code, reason: reason.toString() };
    });
    this.socket.on('unexpected-response', (_request, response) => {
      this.status = response.statusCode;
      response.resume();
      this.socket.terminate();
    });
    this.socket.on('error', (error) => {
      this.error = error.message;
    });
    onTestFinished(() => this.socket.terminate());
  }

  async opened(): Promise<this> {
    await until('the socket opens', () => this.socket.readyState === WebSocket.OPEN);
    return this;
  }

  send(frame: ClientFrame): void {
    this.socket.send(ClientFrame.encode(frame));
  }

  command(seq: number, text = `c${seq}`): void {
    this.send({ kind: 'command', seq, event: 3, payload: new TextEncoder().encode(text) });
  }

  async hello(
    player: string,
    more: { resume?: string; received?: number } = {},
  ): Promise<Extract<GatewayFrame, { kind: 'welcome' }>> {
    const { resume = '', received = 0 } = more;
    await this.opened();
    const token = await issueDevToken({ secret, player });
    this.send({ kind: 'hello', version: 1, token, resume, received, schema: 0 });
    return until('a welcome', () => this.frames.find((each) => each.kind === 'welcome'));
  }

  messages(): string[] {
    return this.frames.flatMap((each) => (each.kind === 'message' ? [new TextDecoder().decode(each.payload)] : []));
  }

  end(): Promise<{ code: number; reason: string }> {
    return until('the connection ends', () => this.closed);
  }
}

/** A bare TCP connection, for what no WebSocket client would do. */
export class RawRig {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  ended = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.ended = true;
    });
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  /** Through the upgrade, by hand. */
  async upgrade(protocol = 'atlas.v1'): Promise<this> {
    this.socket.write(
      `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    await until('101', () => this.received.includes('\r\n\r\n'));
    this.received = this.received.subarray(this.received.indexOf('\r\n\r\n') + 4);
    return this;
  }

  /** The close code, of a close frame that comes first. */
  async closeCode(): Promise<number> {
    await until('a close frame', () => this.received.length >= 4 && this.received[0] === 0x88);
    return this.received.readUInt16BE(2);
  }
}
