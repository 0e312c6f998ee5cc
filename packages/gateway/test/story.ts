/**
 * A gateway engine with everybody around it played by hand: clients, control plane, servers. Stories read as who says what;
 * `said` takes what a party has heard since the last look.
 */
import { Writer } from '@horizon-atlas/base';
import {
  ClientFrame,
  type ControlToGateway,
  type ErrorCode,
  GatewayFrame,
  GatewayToControl,
  GatewayToServer,
  gameLink,
  ServerToGateway,
} from '@horizon-atlas/protocol';
import { GatewayEngine } from '../src/core/engine.ts';
import type { GatewayOut } from '../src/core/out.ts';
import type { GatewayPolicy } from '../src/core/policy.ts';

export type ServerHeard =
  | GatewayToServer
  | { readonly kind: 'command'; readonly handle: number; readonly seq: number; readonly event: number; readonly text: string }
  | { readonly kind: 'latest'; readonly handle: number; readonly event: number; readonly text: string }
  | { readonly kind: 'ack'; readonly handle: number; readonly received: number };

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytesOf = (text: string): Uint8Array => encoder.encode(text);
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

export class Story implements GatewayOut {
  readonly engine: GatewayEngine;
  nowMs = 1000;
  /** What clients were sent, and how their connections ended. */
  readonly #frames = new Map<number, (GatewayFrame | string)[]>();
  readonly closed = new Map<number, ErrorCode>();
  readonly paused = new Set<number>();
  readonly pings: { conn: number; stamp: number }[] = [];
  readonly dialled: string[] = [];
  readonly hungUp: string[] = [];
  readonly tokens: { conn: number; token: string }[] = [];
  isDrained = false;
  /** Bytes that wait at a client, as the host would say. */
  readonly backlog = new Map<number, number>();
  #control: GatewayToControl[] = [];
  readonly #servers = new Map<string, ServerHeard[]>();
  #ids = 0;

  constructor(policy: Partial<GatewayPolicy> = {}) {
    const secrets = {
      newSessionId: () => `s${++this.#ids}`,
      seal: (identity: object) => JSON.stringify(identity),
      unseal: (token: string) => (token.startsWith('{') ? JSON.parse(token) : undefined),
    };
    this.engine = new GatewayEngine(policy, this, secrets, { gateway: 'g1', pid: 1, url: 'wss://g1' });
  }

  // ---- what the engine wants ----

  toClient(conn: number, kind: number, bytes: Uint8Array, start: number, end: number): number {
    const frame = new Uint8Array(1 + end - start);
    frame[0] = kind;
    frame.set(bytes.subarray(start, end), 1);
    const decoded = GatewayFrame.decode(frame);
    if (decoded === undefined) throw new Error(`a client got a malformed frame of kind ${kind}`);
    this.#list(conn).push(decoded);
    return this.backlog.get(conn) ?? 0;
  }

  toClientText(conn: number, bytes: Uint8Array, start: number, end: number): number {
    this.#list(conn).push(textOf(bytes.subarray(start, end)));
    return this.backlog.get(conn) ?? 0;
  }

  pingClient(conn: number, stamp: number): void {
    this.pings.push({ conn, stamp });
  }

  closeClient(conn: number, code: ErrorCode): void {
    if (this.closed.has(conn)) throw new Error(`client ${conn} was closed twice`);
    this.closed.set(conn, code);
  }

  pauseClient(conn: number): void {
    this.paused.add(conn);
  }

  resumeClient(conn: number): void {
    this.paused.delete(conn);
  }

  clientBacklog(conn: number): number {
    return this.backlog.get(conn) ?? 0;
  }

  toServer(server: string, frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const heard = this.#servers.get(server) ?? [];
    this.#servers.set(server, heard);
    const handle = frame.length >= 5 ? view.getUint32(1, true) : 0;
    if (frame[0] === gameLink.control) {
      const message = GatewayToServer.decode(frame, 1);
      if (message === undefined) throw new Error('a server got a malformed message');
      heard.push(message);
    } else if (frame[0] === gameLink.command) {
      const text = textOf(frame.subarray(11));
      heard.push({ kind: 'command', handle, seq: view.getUint32(5, true), event: view.getUint16(9, true), text });
    } else if (frame[0] === gameLink.latestUp) {
      heard.push({ kind: 'latest', handle, event: view.getUint16(5, true), text: textOf(frame.subarray(7)) });
    } else if (frame[0] === gameLink.ack) heard.push({ kind: 'ack', handle, received: view.getUint32(5, true) });
    else throw new Error(`a server got a frame of kind ${frame[0]}`);
  }

  dialServer(server: string): void {
    this.dialled.push(server);
  }

  hangUp(server: string): void {
    this.hungUp.push(server);
  }

  toControl(message: GatewayToControl): void {
    // Through the codec: what cannot be encoded is a bug.
    const decoded = GatewayToControl.decode(GatewayToControl.encode(message));
    if (decoded === undefined) throw new Error('a malformed message for the control plane');
    this.#control.push(decoded);
  }

  verifyToken(conn: number, token: string): void {
    this.tokens.push({ conn, token });
  }

  drained(): void {
    this.isDrained = true;
  }

  // ---- looking ----

  heardByClient(conn: number): (GatewayFrame | string)[] {
    const out = this.#list(conn);
    this.#frames.set(conn, []);
    return out;
  }

  heardByControl(): GatewayToControl[] {
    const out = this.#control;
    this.#control = [];
    return out;
  }

  heardByServer(server: string): ServerHeard[] {
    const out = this.#servers.get(server) ?? [];
    this.#servers.set(server, []);
    return out;
  }

  /** The numbers of the commands that a server heard. */
  commandsAt(server: string): number[] {
    return this.heardByServer(server).flatMap((each) => (each.kind === 'command' ? [each.seq] : []));
  }

  attachAt(server: string): Extract<GatewayToServer, { kind: 'attach' }> {
    const attach = this.heardByServer(server).findLast((each) => each.kind === 'attach');
    if (attach?.kind !== 'attach') throw new Error(`nobody was attached at ${server}`);
    return attach;
  }

  // ---- acting ----

  wait(ms: number): void {
    const end = this.nowMs + ms;
    for (let due = this.engine.dueMs; due <= end; due = this.engine.dueMs) {
      this.nowMs = Math.max(this.nowMs, due);
      this.engine.tick(this.nowMs);
    }
    this.nowMs = end;
  }

  control(message: ControlToGateway): void {
    this.engine.fromControl(message, this.nowMs);
  }

  /** Control plane and servers a, b are there. */
  ready(...servers: string[]): void {
    this.engine.controlUp(this.nowMs);
    this.control({ kind: 'hello', version: 1, keys: [], gateways: ['wss://g1', 'wss://g2'] });
    this.control({ kind: 'servers', servers: servers.map((server) => ({ server, address: `unix:/${server}` })) });
    for (const server of servers) this.engine.serverUp(server, this.nowMs);
    this.heardByControl();
    for (const server of servers) this.heardByServer(server);
  }

  send(conn: number, frame: ClientFrame): void {
    const bytes = ClientFrame.encode(frame);
    this.raw(conn, bytes);
  }

  raw(conn: number, bytes: Uint8Array): void {
    // Somewhere within a larger buffer, as in a host.
    const buffer = new Uint8Array(bytes.length + 7);
    buffer.set(bytes, 4);
    this.engine.fromClient(conn, buffer, 4, 4 + bytes.length, this.nowMs);
    buffer.fill(0xee);
  }

  say(conn: number, text: string): void {
    this.raw(conn, bytesOf(text));
  }

  open(conn: number, format: 'atlas' | 'horizon' = 'atlas'): void {
    this.engine.opened(conn, '10.0.0.1', format, this.nowMs);
  }

  hello(conn: number, more: { resume?: string; received?: number; version?: number } = {}): void {
    const { resume = '', received = 0, version = 1 } = more;
    this.send(conn, { kind: 'hello', version, token: `t${conn}`, resume, received, schema: 7 });
  }

  verify(conn: number, player = `p${conn}`): void {
    this.engine.tokenVerified(conn, { ok: true, player, name: player.toUpperCase() }, this.nowMs);
  }

  joined(place: { server: string; epoch: number; region?: string }): string {
    const join = this.heardByControl().findLast((each) => each.kind === 'join');
    if (join?.kind !== 'join') throw new Error('nobody asked to join');
    const { request, session } = join;
    this.control({
      kind: 'joined',
      request,
      session,
      region: place.region ?? 'r1',
      server: place.server,
      epoch: place.epoch,
      entity: 9,
    });
    return session;
  }

  attached(
    server: string,
    handle: number,
    session: string,
    more: { applied?: number; covered?: number; resumed?: boolean; generation?: number } = {},
  ): void {
    const { applied = 0, covered = 0, resumed = false, generation = 1 } = more;
    this.fromServer(server, { kind: 'attached', handle, session, resumed, applied, covered, generation, tickHz: 30 });
  }

  fromServer(server: string, message: ServerToGateway): void {
    const encoded = ServerToGateway.encode(message);
    const frame = new Uint8Array(1 + encoded.length);
    frame.set(encoded, 1);
    this.engine.fromServer(server, frame, this.nowMs);
  }

  message(server: string, handle: number, seq: number, event = 5, text = `m${seq}`): void {
    const w = new Writer();
    w.u8(gameLink.message);
    w.u32(handle);
    w.u32(seq);
    w.u16(event);
    w.raw(bytesOf(text));
    this.engine.fromServer(server, w.copy(), this.nowMs);
  }

  latest(server: string, handle: number, key: number, text: string, event = 6): void {
    const w = new Writer();
    w.u8(gameLink.latestDown);
    w.u32(handle);
    w.u32(key);
    w.u16(event);
    w.raw(bytesOf(text));
    this.engine.fromServer(server, w.copy(), this.nowMs);
  }

  fanOut(server: string, handles: number[], key: number, text: string): void {
    const w = new Writer();
    w.u8(gameLink.fanOut);
    w.u16(handles.length);
    for (const handle of handles) w.u32(handle);
    w.u32(key);
    w.u16(6);
    w.raw(bytesOf(text));
    this.engine.fromServer(server, w.copy(), this.nowMs);
  }

  acks(server: string, handle: number, applied: number, covered: number): void {
    const w = new Writer();
    w.u8(gameLink.acks);
    w.u16(1);
    w.u32(handle);
    w.u32(applied);
    w.u32(covered);
    this.engine.fromServer(server, w.copy(), this.nowMs);
  }

  command(conn: number, ...seqs: number[]): void {
    for (const seq of seqs) this.send(conn, { kind: 'command', seq, event: 3, payload: bytesOf(`c${seq}`) });
  }

  /** A client all the way in: its session, handle and resume token. */
  play(conn: number, server = 'a', epoch = 1): { session: string; handle: number; resume: string } {
    this.open(conn);
    this.hello(conn);
    this.verify(conn);
    const session = this.joined({ server, epoch });
    const { handle } = this.attachAt(server);
    this.attached(server, handle, session);
    const welcome = this.heardByClient(conn).find((each) => typeof each !== 'string' && each.kind === 'welcome');
    if (welcome === undefined || typeof welcome === 'string' || welcome.kind !== 'welcome') throw new Error('no welcome');
    return { session, handle, resume: welcome.resume };
  }

  route(session: string, server: string, epoch: number, applied = 0, region = 'r2'): void {
    this.control({ kind: 'route', session, region, server, epoch, entity: 9, player: 'p1', name: 'P1', applied });
  }

  #list(conn: number): (GatewayFrame | string)[] {
    const list = this.#frames.get(conn) ?? [];
    this.#frames.set(conn, list);
    return list;
  }
}

/** The messages among what a client heard, as text. */
export function messagesIn(heard: readonly (GatewayFrame | string)[]): string[] {
  return heard.flatMap((each) => (typeof each !== 'string' && each.kind === 'message' ? [textOf(each.payload)] : []));
}

export function latestIn(heard: readonly (GatewayFrame | string)[]): string[] {
  return heard.flatMap((each) => (typeof each !== 'string' && each.kind === 'latest' ? [textOf(each.payload)] : []));
}

export function noticesIn(heard: readonly (GatewayFrame | string)[]): string[] {
  return heard.flatMap((each) => (typeof each !== 'string' && each.kind === 'notice' ? [each.notice] : []));
}
