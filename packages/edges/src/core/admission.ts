/** How many ways through an edge one address may have, and how fast it may open new ones. IPv6 counts by its /64: that is what one customer gets. */
import { Bucket } from './bucket.ts';
import type { EdgePolicy } from './policy.ts';

export interface AddressEntry {
  readonly name: string;
  readonly opened: Bucket;
  now: number;
}

export class Admission {
  readonly #policy: EdgePolicy;
  readonly #addresses = new Map<string, AddressEntry>();

  constructor(policy: EdgePolicy) {
    this.#policy = policy;
  }

  /** Counts one in, or says why not. Who was let in must `leave`. */
  enter(address: string, nowMs: number): AddressEntry | 'ADDRESS_LIMIT' | 'FULL' {
    const { perAddressMax, newPerAddressPerS, newPerAddressBurst, addressesMax } = this.#policy;
    const name = networkOf(address);
    let entry = this.#addresses.get(name);
    if (!entry) {
      if (this.#addresses.size >= addressesMax) this.#forgetResting(nowMs);
      if (this.#addresses.size >= addressesMax) return 'FULL';
      entry = { name, opened: new Bucket(newPerAddressBurst, nowMs), now: 0 };
      this.#addresses.set(name, entry);
    }
    if (entry.now >= perAddressMax || !entry.opened.take(newPerAddressPerS, newPerAddressBurst, nowMs)) return 'ADDRESS_LIMIT';
    entry.now++;
    return entry;
  }

  /** Without a limit: for what was there before a restart. */
  restore(address: string, nowMs: number): AddressEntry {
    const name = networkOf(address);
    const entry = this.#addresses.get(name) ?? { name, opened: new Bucket(this.#policy.newPerAddressBurst, nowMs), now: 0 };
    this.#addresses.set(name, entry);
    entry.now++;
    return entry;
  }

  leave(entry: AddressEntry): void {
    entry.now--;
  }

  #forgetResting(nowMs: number): void {
    const { newPerAddressPerS, newPerAddressBurst } = this.#policy;
    for (const [name, { now, opened }] of this.#addresses) {
      if (now === 0 && opened.left(newPerAddressPerS, newPerAddressBurst, nowMs) >= newPerAddressBurst)
        this.#addresses.delete(name);
    }
  }
}

/** The address as it is limited: IPv4 whole, also where it is written as IPv6; of IPv6 the first four groups. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] ?? address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const back = tail === '' ? [] : tail.split(':');
    while (front.length + back.length < 8) front.push('0');
  }
  return `${front.slice(0, 4).join(':')}::/64`;
}
