/**
 * What an edge keeps in its folder, so that the next process goes on where it was killed: what the control plane said last (`edge.json`), and the sessions with
 * their ports (`sessions.ndjson`, one line a change). Readable by its owner only, since the keys of tokens are among it.
 */
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { EdgeListener, EdgeTarget } from '@horizon-atlas/protocol';
import type { UdpSessionRecord } from './core/udp-session.ts';

export interface EdgeState {
  /** Of loopback addresses: the same player is to have the same one. */
  readonly salt: number;
  /** Base64. */
  readonly keys: readonly { readonly secret: string }[];
  readonly listeners: readonly EdgeListener[];
  readonly targets: readonly EdgeTarget[];
}

/** Lines beyond twice the living sessions before the file is written anew. */
const SLACK_LINES = 1_000;

export class StateFolder {
  readonly #stateFile: string;
  readonly #sessionsFile: string;
  #sessions = new Map<number, UdpSessionRecord>();
  #lines = 0;
  #fd: number | undefined;

  /** Makes the folder if it is not there. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#stateFile = join(folder, 'edge.json');
    this.#sessionsFile = join(folder, 'sessions.ndjson');
  }

  /** undefined: there is none, or it is not ours. */
  readState(): EdgeState | undefined {
    try {
      const read = JSON.parse(readFileSync(this.#stateFile, 'utf8'), revive) as Partial<EdgeState>;
      const whole = Array.isArray(read.keys) && Array.isArray(read.listeners) && Array.isArray(read.targets);
      return whole && typeof read.salt === 'number' ? (read as EdgeState) : undefined;
    } catch {
      return undefined;
    }
  }

  writeState(state: EdgeState): void {
    replaceFile(this.#stateFile, JSON.stringify(state, hexBytes));
  }

  /** What the former process held at its end; a last line that was cut is passed over. */
  readSessions(): readonly UdpSessionRecord[] {
    let text = '';
    try {
      text = readFileSync(this.#sessionsFile, 'utf8');
    } catch {
      // The first start.
    }
    for (const line of text.split('\n')) {
      const record = parsed(line);
      if (!record) continue;
      if ('ended' in record) this.#sessions.delete(record.ended);
      else this.#sessions.set(record.session, record);
    }
    const all = [...this.#sessions.values()];
    this.#rewrite();
    return all;
  }

  keep(record: UdpSessionRecord): void {
    this.#sessions.set(record.session, record);
    this.#append(JSON.stringify(record));
  }

  forget(session: number): void {
    if (this.#sessions.delete(session)) this.#append(`{"ended":${session}}`);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #append(line: string): void {
    if (++this.#lines > 2 * this.#sessions.size + SLACK_LINES) this.#rewrite();
    else {
      this.#fd ??= openSync(this.#sessionsFile, 'a', 0o600);
      writeSync(this.#fd, `${line}\n`);
    }
  }

  #rewrite(): void {
    this.close();
    replaceFile(this.#sessionsFile, [...this.#sessions.values()].map((each) => `${JSON.stringify(each)}\n`).join(''));
    this.#lines = this.#sessions.size;
  }
}

function replaceFile(file: string, text: string): void {
  const next = `${file}.next`;
  writeFileSync(next, '', { mode: 0o600 });
  appendFileSync(next, text);
  renameSync(next, file);
}

function parsed(line: string): UdpSessionRecord | { readonly ended: number } | undefined {
  if (line === '') return undefined;
  try {
    const read = JSON.parse(line) as { session?: unknown; ended?: unknown };
    return Number.isInteger(read.ended) || Number.isInteger(read.session) ? (read as UdpSessionRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Byte strings (what a listener accepts) as JSON. */
function hexBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { $hex: Buffer.from(value).toString('hex') } : value;
}

function revive(_: string, value: unknown): unknown {
  const hex = (value as { $hex?: unknown } | null)?.$hex;
  return typeof hex === 'string' ? new Uint8Array(Buffer.from(hex, 'hex')) : value;
}
