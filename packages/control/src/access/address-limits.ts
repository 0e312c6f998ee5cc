/** Token buckets by address: so many at once, so many a second on the long run. Bounded itself: the address heard of least recently is forgotten. */

export interface RatePolicy {
  readonly burst: number;
  readonly perS: number;
}

const addressesMax = 10_000;

export class AddressLimits {
  readonly #policy: RatePolicy;
  /** In the order in which they were last heard of. */
  readonly #buckets = new Map<string, { left: number; atMs: number }>();
  #newest = '';

  constructor(policy: RatePolicy) {
    this.#policy = policy;
  }

  /** Takes one. Answers how many ms to wait, or 0: it was there. */
  take(address: string, nowMs: number): number {
    const bucket = this.#fill(address, nowMs);
    if (bucket.left < 1) return Math.ceil(((1 - bucket.left) / this.#policy.perS) * 1000);
    bucket.left--;
    return 0;
  }

  /** Like `take`, but takes nothing. */
  look(address: string, nowMs: number): number {
    if (this.#buckets.size === 0) return 0;
    const { left } = this.#fill(address, nowMs);
    return left >= 1 ? 0 : Math.ceil(((1 - left) / this.#policy.perS) * 1000);
  }

  #fill(address: string, nowMs: number): { left: number; atMs: number } {
    const name = networkOf(address);
    const { burst, perS } = this.#policy;
    const known = this.#buckets.get(name);
    const bucket = known ?? { left: burst, atMs: nowMs };
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, nowMs - bucket.atMs) * perS) / 1000);
    bucket.atMs = nowMs;
    // Mostly it is the one that came last, too.
    if (name === this.#newest) return bucket;
    this.#newest = name;
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > addressesMax) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
    return bucket;
  }
}

/** An IPv6 customer has a /64 at least: its addresses count as one. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
