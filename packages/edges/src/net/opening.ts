/** The beginning of a TCP connection: what says where it wants to go is read, within limits, and nothing of what follows is lost. */
import type { Socket } from 'node:net';
import type { EdgeListener } from '@horizon-atlas/protocol';
import type { EdgeClaim } from '../core/edge-token.ts';
import { TOKEN_BYTES_MAX } from '../core/edge-token.ts';
import { headEnd, readHead, withForwardedFor } from '../core/http-head.ts';
import { isOurs, JOIN_HEAD_BYTES, joinFrameEnd, readClientFrame } from '../core/join-frame.ts';
import type { EdgePolicy } from '../core/policy.ts';
import { type EdgeTokens, edgeTokenBytes } from '../edge-tokens.ts';

export type OpeningOutcome =
  | {
      /** Empty: the listener says. */
      readonly server: string;
      readonly player: string;
      /** What the server is to get first. */
      readonly first: Uint8Array;
    }
  | { readonly why: string };

export class Opening {
  readonly done: Promise<OpeningOutcome>;
  readonly #client: Socket;
  readonly #listener: EdgeListener;
  readonly #policy: EdgePolicy;
  readonly #tokens: EdgeTokens;
  readonly #peer: string;
  #read = Buffer.alloc(0);
  #resolve: (outcome: OpeningOutcome) => void = () => {};
  #late: NodeJS.Timeout | undefined;

  /** `done` resolves with the socket paused; for a socket that closes meanwhile, with a reason that nobody needs. */
  constructor(client: Socket, listener: EdgeListener, policy: EdgePolicy, tokens: EdgeTokens, peer: string) {
    this.#client = client;
    this.#listener = listener;
    this.#policy = policy;
    this.#tokens = tokens;
    this.#peer = peer;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    // Nothing has to be read: what the player says waits in the kernel until somebody wants it.
    if (listener.route === 'server' && listener.protocol !== 'ws') {
      client.pause();
      this.#resolve({ server: '', player: '', first: new Uint8Array(0) });
      return;
    }
    this.#late = setTimeout(() => this.#finish({ why: 'HANDSHAKE_TIMEOUT' }), policy.openingMs);
    client.on('data', this.#hear);
    client.once('end', this.#cut);
    client.once('close', this.#cut);
    client.resume();
  }

  readonly #cut = (): void => this.#finish({ why: 'HANDSHAKE_TIMEOUT' });

  readonly #hear = (chunk: Buffer): void => {
    this.#read = Buffer.concat([this.#read, chunk]);
    const outcome = this.#listener.protocol === 'ws' ? this.#http() : this.#frame();
    if (outcome) this.#finish(outcome);
  };

  #finish(outcome: OpeningOutcome): void {
    clearTimeout(this.#late);
    this.#client.pause();
    this.#client.off('data', this.#hear);
    this.#client.off('end', this.#cut);
    this.#client.off('close', this.#cut);
    this.#resolve(outcome);
  }

  #frame(): OpeningOutcome | undefined {
    const data = this.#read;
    if (data.length < JOIN_HEAD_BYTES) return undefined;
    const end = joinFrameEnd(data) ?? 0;
    if (!isOurs(data) || end > JOIN_HEAD_BYTES + TOKEN_BYTES_MAX) return { why: 'TOKEN_INVALID' };
    if (data.length < end) return undefined;
    const frame = readClientFrame(data);
    return frame?.kind === 'join' ? this.#named(this.#tokens.verify(frame.token), frame.rest) : { why: 'TOKEN_INVALID' };
  }

  #http(): OpeningOutcome | undefined {
    const end = headEnd(this.#read);
    if (end === undefined) return this.#read.length > this.#policy.headBytesMax ? { why: 'HEAD_TOO_BIG' } : undefined;
    if (end > this.#policy.headBytesMax) return { why: 'HEAD_TOO_BIG' };
    const text = this.#read.toString('latin1', 0, end);
    const head = readHead(text);
    if (!head) return { why: 'HEAD_INVALID' };
    const first = head.upgrade
      ? Buffer.concat([Buffer.from(withForwardedFor(text, this.#peer), 'latin1'), this.#read.subarray(end)])
      : this.#read;
    if (this.#listener.route === 'server') return { server: '', player: '', first };
    const token = edgeTokenBytes(head.token);
    return this.#named(token ? this.#tokens.verify(token) : 'TOKEN_INVALID', first);
  }

  #named(claim: EdgeClaim | 'TOKEN_INVALID' | 'TOKEN_EXPIRED', first: Uint8Array): OpeningOutcome {
    return typeof claim === 'string' ? { why: claim } : { server: claim.server, player: claim.player, first };
  }
}
