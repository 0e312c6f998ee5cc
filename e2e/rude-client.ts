/** A client with no manners: a bare WebSocket on which any bytes can be sent, and a token of any kind. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT_PROTOCOL, ClientFrame, GatewayFrame } from '@horizon-atlas/protocol';
import { WebSocket } from 'ws';
import type { Installation } from './installation.ts';
import { until } from './until.ts';
import { schema } from './world/schema.ts';

type Hello = Extract<ClientFrame, { kind: 'hello' }>;
export type Welcome = Extract<GatewayFrame, { kind: 'welcome' }>;

export class RudeClient {
  readonly #socket: WebSocket;
  /** Close code and the code that its reason begins with. */
  ended: { readonly close: number; readonly code: string } | undefined;
  welcome: Welcome | undefined;

  private constructor(atlas: Installation, subprotocol: string, query: string) {
    const ca = readFileSync(join(atlas.dir.tls, 'dev-cert.pem'));
    this.#socket = new WebSocket(`${atlas.url}/${query}`, subprotocol, { ca, maxPayload: 1 << 20 });
    this.#socket.on('error', () => {});
    this.#socket.on('close', (close, reason) => {
      this.ended = { close, code: reason.toString().split(':')[0] ?? '' };
    });
    this.#socket.on('message', (data: Buffer, isBinary) => {
      const frame = isBinary ? GatewayFrame.decode(new Uint8Array(data)) : undefined;
      if (frame?.kind === 'welcome') this.welcome = frame;
    });
  }

  static async open(atlas: Installation, subprotocol = 'atlas.v1', query = ''): Promise<RudeClient> {
    const client = new RudeClient(atlas, subprotocol, query);
    await until('an open socket', () => client.ended !== undefined || client.#socket.readyState === WebSocket.OPEN);
    return client;
  }

  /** In the world as `player`. */
  static async joined(atlas: Installation, player: string, hello: Partial<Hello> = {}): Promise<RudeClient> {
    const client = await RudeClient.open(atlas);
    client.hello({ token: tokenOf(atlas, player), ...hello });
    await until(`${player} is welcome or refused`, () => client.welcome ?? client.ended);
    return client;
  }

  hello(fields: Partial<Hello>): void {
    this.say({ kind: 'hello', version: CLIENT_PROTOCOL, token: '', resume: '', received: 0, schema: schema.hash, ...fields });
  }

  say(frame: ClientFrame): void {
    this.bytes(ClientFrame.encode(frame));
  }

  bytes(bytes: Uint8Array | number[]): void {
    this.#socket.send(Uint8Array.from(bytes), { binary: true });
  }

  /** As a text message, whatever it is. */
  text(bytes: Uint8Array | number[]): void {
    this.#socket.send(Buffer.from(bytes), { binary: false });
  }

  /** As when the network is gone. */
  vanish(): void {
    this.#socket.terminate();
  }

  async end(): Promise<{ readonly close: number; readonly code: string }> {
    return until('the gateway ends the connection', () => this.ended);
  }
}

export function tokenOf({ dir }: Installation, player: string, { inS = 60, alg = 'HS256', secret = '' } = {}): string {
  const key = secret === '' ? readFileSync(dir.devSecret, 'utf8').trim() : secret;
  const nowS = Math.floor(Date.now() / 1000);
  const text = [
    { alg, typ: 'JWT' },
    { sub: player, name: player, iat: nowS - 3600, exp: nowS + inS },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${alg === 'none' ? '' : createHmac('sha256', key).update(text).digest('base64url')}`;
}
