/**
 * Writes the audit log: entries are collected for a moment, chained, and appended with one write. A crash may cut the last line; it is cut off at
 * the next start, and that is an entry of its own.
 */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '@horizon-atlas/ports';
import { formatHead, parseHead } from './chain.ts';
import { type AuditEntry, type AuditNote, formatEntry, makeEntry, noHash, parseEntry } from './entry.ts';
import { fileName, filesIn } from './files.ts';
import { Refusals } from './refusals.ts';

export const limits = {
  /** A file that has more is followed by a new one. */
  fileBytes: 8 * 1024 * 1024,
  /** Files that are kept: half a gigabyte, some two million entries. The oldest is removed, and that is an entry. */
  files: 64,
  /** Entries wait this long at most before they are written. */
  writeMs: 50,
  /** And so long, after that, until the disk has them for certain. */
  syncMs: 1000,
  /** That wait while the disk refuses them; beyond, the newest are counted instead of kept. */
  waiting: 10_000,
  refusalsMs: 1000,
} as const;

export interface AuditOptions {
  readonly dir: string;
  readonly clock: Clock;
  /** Hears that the log could not be written; it is tried again. */
  onFault(error: unknown): void;
  readonly fileBytes?: number;
  readonly files?: number;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** The `seq` that comes next; null: these were the last. */
  readonly next: number | null;
  readonly total: number;
}

export interface Audit {
  append(note: AuditNote): void;
  /** Counted by kind and code, and written once a second. */
  refuse(kind: string, code: string, address: string, count?: number): void;
  page(ask: {
    readonly after: number;
    readonly limit: number;
    readonly latest: boolean;
    readonly from: number | undefined;
  }): Promise<AuditPage>;
  /** Writes what waits. */
  close(): void;
}

/** Throws what the file system says if the folder or its last file cannot be opened. */
export function openAudit(options: AuditOptions): Audit {
  return new AuditLog(options);
}

class AuditLog implements Audit {
  readonly #options: AuditOptions;
  readonly #refusals = new Refusals();
  #file = -1;
  #fileBytes = 0;
  #firstSeq = 1;
  #lastSeq = 0;
  #lastHash = noHash;
  #waiting: { note: AuditNote; atMs: number }[] = [];
  #leftOut = 0;
  #cancelWrite: Cancel | undefined;
  #cancelSync: Cancel | undefined;
  #cancelRefusals: Cancel | undefined;
  #faulty = false;

  constructor(options: AuditOptions) {
    this.#options = options;
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    this.#openLast();
  }

  append(note: AuditNote): void {
    if (this.#waiting.length >= limits.waiting) {
      this.#leftOut++;
      return;
    }
    this.#waiting.push({ note, atMs: Math.floor(this.#options.clock.wall()) });
    this.#cancelWrite ??= this.#soon(limits.writeMs, () => {
      this.#cancelWrite = undefined;
      this.#write();
    });
  }

  refuse(kind: string, code: string, address: string, count = 1): void {
    this.#refusals.add(kind, code, address, count);
    this.#cancelRefusals ??= this.#soon(limits.refusalsMs, () => {
      this.#cancelRefusals = undefined;
      for (const note of this.#refusals.take()) this.append(note);
    });
  }

  async page({ after, limit, latest, from }: Parameters<Audit['page']>[0]): Promise<AuditPage> {
    this.#write();
    const files = filesIn(this.#options.dir);
    const [first, last] = [Math.max(after + 1, files[0]?.firstSeq ?? 1), this.#lastSeq];
    const entries: AuditEntry[] = [];
    const step = latest ? -1 : 1;
    let seq = latest ? Math.min(from ?? last, last) : Math.max(from ?? first, first);
    let open = { firstSeq: 0, lines: [] as string[] };
    for (; seq >= first && seq <= last && entries.length < limit; seq += step) {
      if (seq < open.firstSeq || seq >= open.firstSeq + open.lines.length) {
        const file = files.findLast(({ firstSeq }) => firstSeq <= seq);
        if (!file) break;
        const lines = (await readFile(file.path, 'utf8')).split('\n').slice(1, -1);
        open = { firstSeq: file.firstSeq, lines };
      }
      const entry = parseEntry(open.lines[seq - open.firstSeq] ?? '');
      if (entry) entries.push(entry);
    }
    return { entries, next: seq >= first && seq <= last ? seq : null, total: Math.max(0, last - first + 1) };
  }

  close(): void {
    for (const note of this.#refusals.take()) this.append(note);
    for (const cancel of [this.#cancelWrite, this.#cancelSync, this.#cancelRefusals]) cancel?.();
    this.#write();
    if (this.#file < 0) return;
    fdatasyncSync(this.#file);
    closeSync(this.#file);
    this.#file = -1;
  }

  // ---- files --------------------------------------------------------------------------------------------------------

  #openLast(): void {
    const last = filesIn(this.#options.dir).at(-1);
    if (!last) {
      this.#begin();
      return;
    }
    this.#file = openSync(last.path, 'r+');
    const { size } = fstatSync(this.#file);
    const tail = Buffer.alloc(Math.min(size, 64 * 1024));
    readSync(this.#file, tail, 0, tail.length, size - tail.length);
    const whole = tail.lastIndexOf(0x0a) + 1;
    const torn = tail.length - whole;
    this.#fileBytes = size - torn;
    this.#firstSeq = last.firstSeq;
    ftruncateSync(this.#file, this.#fileBytes);
    const lines = tail.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
    const entry = parseEntry(lines.at(-1) ?? '');
    const head = entry ? undefined : parseHead(readFileSync(last.path, 'utf8').split('\n', 1)[0] ?? '');
    if (entry) [this.#lastSeq, this.#lastHash] = [entry.seq, entry.hash];
    else if (head && lines.length <= 1) [this.#lastSeq, this.#lastHash] = [head.firstSeq - 1, head.previous];
    else {
      // Somebody else has written there. What is there stays for whoever looks into it; the chain goes on from the last entry that is one.
      const good = lines.map(parseEntry).findLast((each) => each !== undefined);
      [this.#lastSeq, this.#lastHash] = [good?.seq ?? last.firstSeq - 1, good?.hash ?? noHash];
      this.append(own('audit.broken', { file: last.name }));
    }
    if (torn > 0) this.append(own('audit.repaired', { file: last.name, bytes: torn }));
  }

  #begin(): void {
    if (this.#file >= 0) {
      fdatasyncSync(this.#file);
      closeSync(this.#file);
    }
    this.#firstSeq = this.#lastSeq + 1;
    this.#file = openSync(join(this.#options.dir, fileName(this.#firstSeq)), 'a', 0o600);
    const head = Buffer.from(formatHead({ audit: 1, firstSeq: this.#firstSeq, previous: this.#lastHash }));
    writeSync(this.#file, head);
    this.#fileBytes = head.length;
    const tooMany = filesIn(this.#options.dir).slice(0, -(this.#options.files ?? limits.files));
    for (const { path, name } of tooMany) {
      rmSync(path, { force: true });
      this.append(own('audit.removed', { file: name }));
    }
  }

  #write(): void {
    if (this.#waiting.length === 0 || this.#file < 0) return;
    const before = { seq: this.#lastSeq, hash: this.#lastHash };
    const taken = this.#waiting;
    this.#waiting = [];
    if (this.#leftOut > 0) taken.push({ note: own('audit.lost', { entries: this.#leftOut }), atMs: this.#options.clock.wall() });
    let text = '';
    for (const { note, atMs } of taken) {
      const entry = makeEntry(note, ++this.#lastSeq, Math.floor(atMs), this.#lastHash);
      this.#lastHash = entry.hash;
      text += formatEntry(entry);
    }
    try {
      this.#put(Buffer.from(text));
      this.#leftOut = 0;
      this.#faulty = false;
      this.#syncSoon();
      if (this.#fileBytes >= (this.#options.fileBytes ?? limits.fileBytes)) this.#begin();
    } catch (error) {
      [this.#lastSeq, this.#lastHash] = [before.seq, before.hash];
      this.#waiting = [...taken.filter(({ note }) => note.kind !== 'audit.lost'), ...this.#waiting];
      if (!this.#faulty) this.#options.onFault(error);
      this.#faulty = true;
      this.#cancelWrite ??= this.#soon(limits.syncMs, () => {
        this.#cancelWrite = undefined;
        this.#write();
      });
    }
  }

  /** All of it or nothing: what a full disk took of it is taken back. */
  #put(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at, bytes.length - at, this.#fileBytes + at);
      this.#fileBytes += bytes.length;
    } catch (error) {
      ftruncateSync(this.#file, this.#fileBytes);
      throw error;
    }
  }

  #syncSoon(): void {
    this.#cancelSync ??= this.#soon(limits.syncMs, () => {
      this.#cancelSync = undefined;
      if (this.#file >= 0) fdatasync(this.#file, () => {});
    });
  }

  #soon(ms: number, fn: () => void): Cancel {
    return this.#options.clock.at(this.#options.clock.now() + ms, fn);
  }
}

function own(kind: string, fields: Record<string, unknown>): AuditNote {
  return { kind, actor: '', address: '', subject: '', code: '', fields };
}
