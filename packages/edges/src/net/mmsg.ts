/** Arrays of `struct mmsghdr` with their buffers, addresses and I/O vectors, laid out once and used again and again. */
export const ADDRESS_BYTES = 28;
const HEADER_BYTES = 64;
/** Where in a header: pointers to the address and to the vector, their lengths, and how many bytes there are. */
const at = { name: 0, nameLength: 8, vector: 16, vectors: 24, received: 56 } as const;

export class Messages {
  readonly size: number;
  readonly pointer: number;
  readonly addresses: Buffer;
  readonly data: Uint8Array;
  readonly #slotBytes: number;
  readonly #headers: Buffer;
  readonly #vectors: Buffer;

  /** @param named whether addresses go with the datagrams */
  constructor(size: number, slotBytes: number, named: boolean, ptr: (view: NodeJS.ArrayBufferView) => number) {
    this.size = size;
    this.#slotBytes = slotBytes;
    this.#headers = fixed(size * HEADER_BYTES);
    this.#vectors = fixed(size * 16);
    this.addresses = fixed(size * ADDRESS_BYTES);
    this.data = new Uint8Array(new ArrayBuffer(size * slotBytes));
    this.pointer = ptr(this.#headers);
    const [vectors, addresses, data] = [ptr(this.#vectors), ptr(this.addresses), ptr(this.data)];
    for (let i = 0; i < size; i++) {
      const header = i * HEADER_BYTES;
      if (named) this.#headers.writeBigUInt64LE(BigInt(addresses + i * ADDRESS_BYTES), header + at.name);
      this.#headers.writeUInt32LE(named ? ADDRESS_BYTES : 0, header + at.nameLength);
      this.#headers.writeBigUInt64LE(BigInt(vectors + i * 16), header + at.vector);
      this.#headers.writeUInt32LE(1, header + at.vectors);
      this.#vectors.writeBigUInt64LE(BigInt(data + i * slotBytes), i * 16);
      this.#vectors.writeUInt32LE(slotBytes, i * 16 + 8);
    }
  }

  /** Of a received one: what it holds, as a view that the next call overwrites. */
  received(i: number): Uint8Array {
    const start = i * this.#slotBytes;
    return this.data.subarray(start, start + this.#headers.readUInt32LE(i * HEADER_BYTES + at.received));
  }

  /** The system writes how long each address was; it has to be told anew how much room there is. */
  rearm(count: number): void {
    for (let i = 0; i < count; i++) this.#headers.writeUInt32LE(ADDRESS_BYTES, i * HEADER_BYTES + at.nameLength);
  }

  /** One to be sent. False: it is too long. */
  put(i: number, data: Uint8Array, addressLength: number): boolean {
    if (data.length > this.#slotBytes) return false;
    this.data.set(data, i * this.#slotBytes);
    this.#vectors.writeUInt32LE(data.length, i * 16 + 8);
    this.#headers.writeUInt32LE(addressLength, i * HEADER_BYTES + at.nameLength);
    return true;
  }

  headerAt(i: number): number {
    return this.pointer + i * HEADER_BYTES;
  }
}

/** `struct sockaddr_in` or `sockaddr_in6` of a numeric address; answers its length. */
export function writeAddress(into: Buffer, offset: number, host: string, port: number): number {
  const six = host.includes(':');
  into.fill(0, offset, offset + ADDRESS_BYTES);
  into.writeUInt16LE(six ? AF_INET6 : AF_INET, offset);
  into.writeUInt16BE(port, offset + 2);
  if (!six) {
    let value = 0;
    for (const part of host.split('.')) value = value * 256 + Number(part);
    into.writeUInt32BE(value, offset + 4);
    return 16;
  }
  const [head = '', tail] = host.split('%', 1)[0]?.split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  for (const [i, group] of front.entries()) into.writeUInt16BE(Number.parseInt(group, 16), offset + 8 + 2 * i);
  for (const [i, group] of back.entries()) {
    into.writeUInt16BE(Number.parseInt(group, 16), offset + 8 + 2 * (8 - back.length + i));
  }
  return ADDRESS_BYTES;
}

export function hostAt(from: Buffer, offset: number): string {
  if (from.readUInt16LE(offset) === AF_INET) return [...from.subarray(offset + 4, offset + 8)].join('.');
  const groups = Array.from({ length: 8 }, (_, i) => from.readUInt16BE(offset + 8 + 2 * i).toString(16));
  return groups.join(':');
}

/** Memory that stays where it is: Bun keeps small arrays in its heap until somebody asks for their buffer, and then moves them. */
export function fixed(bytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(bytes));
}

export const AF_INET = 2;
export const AF_INET6 = 10;
