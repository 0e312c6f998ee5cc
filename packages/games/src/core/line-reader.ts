/**
 * A server's output as lines that patterns can be held against: whatever bytes it prints. Colours are taken out, bytes that are no UTF-8 are read as
 * Latin-1, control characters become spaces, and a line that never ends is cut.
 */

export const lineLimits = {
  /** Characters of a line; the rest of a longer one is left out. */
  lineChars: 4096,
} as const;

export class LineReader {
  #open: number[] = [];
  /** The open line has passed the limit: what comes before its end is left out. */
  #overlong = false;

  /** The lines that are complete with these bytes. */
  push(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      this.#take(bytes.subarray(from, at));
      lines.push(lineText(Uint8Array.from(this.#open)));
      this.#open = [];
      this.#overlong = false;
      from = at + 1;
    }
    this.#take(bytes.subarray(from));
    return lines;
  }

  /** Forgets the line that is open: what follows is not its rest. */
  reset(): void {
    this.#open = [];
    this.#overlong = false;
  }

  #take(bytes: Uint8Array): void {
    if (this.#overlong) return;
    const room = lineLimits.lineChars - this.#open.length;
    for (const byte of bytes.length > room ? bytes.subarray(0, room) : bytes) this.#open.push(byte);
    this.#overlong = bytes.length > room;
  }
}

/** One line's text as patterns see it, without its end. */
export function lineText(bytes: Uint8Array): string {
  const text = decode(bytes);
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g, '')
      // A carriage return goes back to the line's beginning: what a terminal shows in the end is what stands behind the last one.
      .replace(/\r+$/, '')
      .replace(/^.*\r/, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ')
      // Marks of direction, which OpenTTD puts before its messages.
      .replace(/[\u200e\u200f\u202a-\u202e\ufeff]/g, '')
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}
