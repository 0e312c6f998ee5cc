/** Refusals of a second, counted by kind and code, so that a flood of them is a handful of lines. */
import type { AuditNote } from './entry.ts';

const addressesMax = 5;
/** Kinds and codes are Atlas's own and few; this is for what nobody has thought of. */
const countsMax = 200;

interface Count {
  readonly kind: string;
  readonly code: string;
  count: number;
  /** Some of those who were refused. */
  readonly addresses: Set<string>;
}

export class Refusals {
  #counts = new Map<string, Count>();

  add(kind: string, code: string, address: string, count: number): void {
    const name = `${kind} ${code}`;
    const known = this.#counts.get(name);
    if (!known && this.#counts.size >= countsMax) return;
    const counted = known ?? { kind, code, count: 0, addresses: new Set<string>() };
    counted.count += count;
    if (address !== '' && counted.addresses.size < addressesMax) counted.addresses.add(address);
    this.#counts.set(name, counted);
  }

  take(): AuditNote[] {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    return counts.map(({ kind, code, count, addresses }) => ({
      kind,
      actor: '',
      address: addresses.size === 1 ? ([...addresses][0] ?? '') : '',
      subject: '',
      code,
      fields: { count, addresses: [...addresses] },
    }));
  }
}
