/**
 * PROXY protocol, version 2 (haproxy's proxy-protocol.txt): the player's real address in front of the stream, or in front of each datagram, for game servers
 * that take it. Written here; the reader is for game servers of ours, and for tests.
 */
export interface ProxyAddresses {
  readonly transport: 'tcp' | 'udp';
  readonly source: string;
  readonly sourcePort: number;
  readonly target: string;
  readonly targetPort: number;
}

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a] as const;
const HEAD_BYTES = 16;

export function proxyHeader({ transport, source, sourcePort, target, targetPort }: ProxyAddresses): Uint8Array {
  const [from, to] = [addressBytes(source), addressBytes(target)];
  if (!from || !to) return Uint8Array.of(...SIGNATURE, 0x20, 0x00, 0, 0);
  const four = from.length === 4 && to.length === 4;
  const addresses = four ? [...from, ...to] : [...asSix(from), ...asSix(to)];
  const length = addresses.length + 4;
  const kind = (four ? 0x10 : 0x20) | (transport === 'tcp' ? 1 : 2);
  return Uint8Array.of(
    ...SIGNATURE,
    0x21,
    kind,
    length >>> 8,
    length & 0xff,
    ...addresses,
    sourcePort >>> 8,
    sourcePort & 0xff,
    targetPort >>> 8,
    targetPort & 0xff,
  );
}

export type ProxyRead =
  | { readonly ok: true; readonly addresses: ProxyAddresses | undefined; readonly end: number }
  | { readonly ok: false; readonly more: boolean };

/** `more`: it may still become one. `addresses` undefined: a check of the proxy's own, or a family that is not ours. */
export function readProxyHeader(data: Uint8Array): ProxyRead {
  for (let i = 0; i < Math.min(SIGNATURE.length, data.length); i++)
    if (data[i] !== SIGNATURE[i]) return { ok: false, more: false };
  if (data.length < HEAD_BYTES) return { ok: false, more: true };
  const [command, kind] = [data[12] as number, data[13] as number];
  if (command !== 0x20 && command !== 0x21) return { ok: false, more: false };
  const end = HEAD_BYTES + (data[14] as number) * 256 + (data[15] as number);
  if (data.length < end) return { ok: false, more: true };
  const size = kind >>> 4 === 1 ? 4 : kind >>> 4 === 2 ? 16 : 0;
  const transport = (kind & 15) === 1 ? 'tcp' : (kind & 15) === 2 ? 'udp' : undefined;
  if (command === 0x20 || size === 0 || transport === undefined) return { ok: true, addresses: undefined, end };
  if (end < HEAD_BYTES + 2 * size + 4) return { ok: false, more: false };
  const at = HEAD_BYTES;
  const port = (i: number): number => (data[i] as number) * 256 + (data[i + 1] as number);
  const addresses: ProxyAddresses = {
    transport,
    source: addressText(data.subarray(at, at + size)),
    target: addressText(data.subarray(at + size, at + 2 * size)),
    sourcePort: port(at + 2 * size),
    targetPort: port(at + 2 * size + 2),
  };
  return { ok: true, addresses, end };
}

function addressBytes(address: string): number[] | undefined {
  const plain = /^::ffff:(?=\d+\.)/i.test(address) ? address.slice(7) : address;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(plain)) {
    const four = plain.split('.').map(Number);
    return four.every((each) => each < 256) ? four : undefined;
  }
  const halves = (plain.split('%', 1)[0] ?? '').split('::');
  if (halves.length > 2) return undefined;
  const [front = [], back = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - front.length - back.length;
  if (missing < 0 || (halves.length === 1 && missing > 0)) return undefined;
  const groups = [...front, ...Array<string>(missing).fill('0'), ...back];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 0xff];
  });
}

function asSix(bytes: readonly number[]): readonly number[] {
  return bytes.length === 16 ? bytes : [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes];
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((bytes[i] as number) << 8) | (bytes[i + 1] as number)).toString(16));
  return groups.join(':');
}
