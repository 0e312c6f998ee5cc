/**
 * From the bytes of a log file to lines that a terminal or a page can show. What processes print is theirs: partial characters, escape
 * sequences and lines without an end are made harmless here, and nobody behind has to think of them.
 */
import type { LogLine } from '@horizon-atlas/control';

export const logTextLimits = {
  /** Of one line, in characters; the rest is cut off and replaced by an ellipsis. */
  lineChars: 8_192,
} as const;

/** Cuts a stream of bytes into lines; what has no end yet waits for it. */
export class LineCutter {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  /** The line that is being read is already longer than may be shown: its rest is skipped. */
  #skipping = false;

  push(bytes: Uint8Array): LogLine[] {
    const parts = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = parts.pop() ?? '';
    const lines: LogLine[] = [];
    for (const part of parts) {
      if (this.#skipping) this.#skipping = false;
      else lines.push(lineOf(part));
    }
    if (this.#rest.length > logTextLimits.lineChars) {
      if (!this.#skipping) lines.push(lineOf(this.#rest));
      this.#skipping = true;
      this.#rest = '';
    }
    return lines;
  }

  /** What was printed last, without an end. */
  end(): LogLine[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' || this.#skipping ? [] : [lineOf(rest)];
  }
}

/** Streams are not told apart in a file that both are written to. */
export function lineOf(raw: string): LogLine {
  const text = harmless(raw);
  const cut = text.length > logTextLimits.lineChars ? `${text.slice(0, logTextLimits.lineChars)}…` : text;
  return { atMs: timeOf(raw), stream: 'stdout', text: cut };
}

/** Colours go, other control characters become visible. */
function harmless(text: string): string {
  return (
    text
      .replace(/\r$/, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
      .replace(/\u001b\[[0-9;:?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '�')
  );
}

/** Of lines in JSON that begin with their time or have it among their first fields, as Atlas's own processes write them. */
function timeOf(text: string): number | null {
  if (!text.startsWith('{')) return null;
  const found = /"time":(?:"([^"]{10,40})"|(\d{12,14}))/.exec(text.slice(0, 256));
  if (!found) return null;
  const atMs = found[1] === undefined ? Number(found[2]) : Date.parse(found[1]);
  return Number.isFinite(atMs) ? atMs : null;
}
