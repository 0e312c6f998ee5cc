/**
 * An entry and its hash. A line of the log is the entry as JSON, and
 *
 *   hash = SHA-256( hash before it ‖ the entry without its hash, as canonical JSON ), hexadecimal
 *
 * so that a changed, removed or inserted line breaks the chain at its place. Canonical: names sorted, nothing left out, no spaces.
 */
import { createHash } from 'node:crypto';

export interface AuditNote {
  /** `connection.opened`, `connection.closed`, `connection.refused`, `action.kill`, `login`, `key.created`, … */
  readonly kind: string;
  /** Who did it: `key:<name>`, `oidc:<subject>`, `token`, `local`, `player:<id>`; empty: Atlas itself. */
  readonly actor: string;
  readonly address: string;
  readonly subject: string;
  /** Of docs/reference/errors.md, where it went wrong. */
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends AuditNote {
  /** From 1, without a gap. */
  readonly seq: number;
  readonly atMs: number;
  readonly hash: string;
}

/** What stands before the first entry. */
export const noHash = '0'.repeat(64);

export const limits = {
  /** Of a text in an entry; what is longer is cut. */
  textChars: 256,
  /** Of `fields` as JSON; what is longer is replaced by a word about it. */
  fieldsChars: 4096,
} as const;

export function makeEntry(note: AuditNote, seq: number, atMs: number, before: string): AuditEntry {
  const { kind, actor, address, subject, code } = note;
  const entry = {
    seq,
    atMs,
    kind: cut(kind),
    actor: cut(actor),
    address: cut(address),
    subject: cut(subject),
    code: cut(code),
    fields: plainFields(note.fields),
  };
  return { ...entry, hash: hashOf(before, entry) };
}

export function hashOf(before: string, entry: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(before).update(canonical(entry)).digest('hex');
}

export function formatEntry(entry: AuditEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** undefined: not an entry. */
export function parseEntry(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    const texts = [entry.kind, entry.actor, entry.address, entry.subject, entry.code, entry.hash];
    const good =
      Number.isSafeInteger(entry.seq) &&
      typeof entry.atMs === 'number' &&
      texts.every((text) => typeof text === 'string') &&
      typeof entry.fields === 'object' &&
      entry.fields !== null;
    return good ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Of all members that a line has, so that none can be slipped in. */
export function withoutHash({ hash: _, ...entry }: AuditEntry): Omit<AuditEntry, 'hash'> {
  return entry;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`);
  return `{${members.join(',')}}`;
}

/** As a reader of the line will see them: what JSON turns into something else is turned before it is hashed. */
function plainFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = JSON.stringify(fields, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? '{}';
  if (text.length > limits.fieldsChars) return { leftOut: `${text.length} characters` };
  return JSON.parse(text) as Record<string, unknown>;
}

function cut(text: string): string {
  return text.length <= limits.textChars ? text : `${text.slice(0, limits.textChars - 1)}…`;
}
