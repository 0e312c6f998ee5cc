/**
 * A loopback address for each address that players come from (127.64.0.0/10 on Linux): a server on this machine that nobody changed then sees its players apart, and
 * its own limits and bans an address work. The same address comes out again as long as it is remembered, also after a restart, which begins from the same salt.
 */
const FIRST = 64;
const ROOM = 2 ** 22;
const TRIES = 64;

export class LoopbackAddresses {
  readonly #salt: number;
  readonly #max: number;
  readonly #of = new Map<string, string>();
  readonly #owner = new Map<string, string>();

  constructor(salt: number, max = 65_536) {
    this.#salt = salt | 0;
    this.#max = max;
  }

  /** The one for this address; the longest unused is taken from its owner when all that are remembered are in use. */
  of(address: string): string {
    const known = this.#of.get(address);
    if (known !== undefined) {
      this.#of.delete(address);
      this.#of.set(address, known);
      return known;
    }
    if (this.#of.size >= this.#max) this.#forgetOldest();
    let slot = hash(address, this.#salt);
    for (let i = 0; i < TRIES && this.#owner.has(textOf(slot)); i++) slot = (slot + 1) % ROOM;
    const given = textOf(slot);
    const former = this.#owner.get(given);
    if (former !== undefined) this.#of.delete(former);
    this.keep(address, given);
    return given;
  }

  /** As it was before a restart. */
  keep(address: string, loopback: string): void {
    this.#of.set(address, loopback);
    this.#owner.set(loopback, address);
  }

  #forgetOldest(): void {
    const oldest = this.#of.entries().next().value;
    if (!oldest) return;
    this.#of.delete(oldest[0]);
    this.#owner.delete(oldest[1]);
  }
}

export function isLoopback(host: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(host) || host === 'localhost';
}

/** Never x.x.x.0 or x.x.x.255, which programs take for networks. */
function textOf(slot: number): string {
  const last = 1 + (slot % 254);
  return `127.${FIRST + (slot >>> 16)}.${(slot >>> 8) & 255}.${last}`;
}

function hash(text: string, salt: number): number {
  let h = salt ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0) % ROOM;
}
