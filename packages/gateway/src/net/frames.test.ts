import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closePayload, FrameReader, type FrameSink, opcode, writeHeader } from './frames.ts';

type Heard = { text: boolean; message: number[] } | { ping: number[] } | { pong: number[] } | { close: number; reason: string };

/** A client's frame: masked, as it must be. */
function frame(first: number, payload: Uint8Array, mask = [1, 2, 3, 4]): Uint8Array {
  const header = new Uint8Array(10);
  const length = writeHeader(header, 0, 0, payload.length);
  header[0] = first;
  header[1] = (header[1] as number) | 0x80;
  const masked = payload.map((byte, i) => byte ^ (mask[i & 3] as number));
  return new Uint8Array([...header.subarray(0, length), ...mask, ...masked]);
}

const final = 0x80;
const bytes = (...numbers: number[]): Uint8Array => new Uint8Array(numbers);

function read(
  chunks: Uint8Array[],
  { messageBytes = 1000, fragments = 4, oneAtATime = false } = {},
): { heard: Heard[]; fault: string | undefined } {
  const heard: Heard[] = [];
  const sink: FrameSink = {
    message: (all, start, end, text) => {
      heard.push({ text, message: [...all.subarray(start, end)] });
      return !oneAtATime;
    },
    ping: (payload) => {
      heard.push({ ping: [...payload] });
      return !oneAtATime;
    },
    pong: (payload) => {
      heard.push({ pong: [...payload] });
      return !oneAtATime;
    },
    close: (close, reason) => {
      heard.push({ close, reason });
    },
  };
  const reader = new FrameReader({ messageBytes, fragments }, sink);
  let fault: string | undefined;
  for (const chunk of chunks) fault ??= reader.push(chunk.slice());
  while (reader.keptBytes > 0 && oneAtATime) fault ??= reader.resume();
  return { heard, fault };
}

describe('messages', () => {
  test('whole, fragmented, and with a ping in the middle', () => {
    const stream = [
      frame(final | opcode.binary, bytes(1, 2, 3, 4, 5)),
      frame(opcode.text, bytes(65)),
      frame(final | opcode.ping, bytes(9)),
      frame(opcode.continuation, bytes()),
      frame(final | opcode.continuation, bytes(66)),
      frame(final | opcode.pong, bytes()),
      frame(final | opcode.binary, bytes()),
    ];
    expect(read(stream)).toEqual({
      fault: undefined,
      heard: [
        { text: false, message: [1, 2, 3, 4, 5] },
        { ping: [9] },
        { text: true, message: [65, 66] },
        { pong: [] },
        { text: false, message: [] },
      ],
    });
  });

  test('however the bytes are cut into chunks, the same messages come out', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
    const cuts = fc.array(fc.nat(2000), { maxLength: 12 });
    fc.assert(
      fc.property(payloads, cuts, (all, at) => {
        const stream = new Uint8Array(all.flatMap((payload) => [...frame(final | opcode.binary, payload)]));
        const places = [0, ...at.map((each) => each % (stream.length + 1)), stream.length].sort((a, b) => a - b);
        const chunks = places.slice(1).map((end, i) => stream.subarray(places[i], end));
        const { heard, fault } = read(chunks);
        expect(fault).toBeUndefined();
        expect(heard).toEqual(all.map((payload) => ({ text: false, message: [...payload] })));
      }),
      { numRuns: 200 },
    );
  });

  test('a sink that wants one at a time gets all of them, in order', () => {
    const stream = [1, 2, 3, 4].map((n) => frame(final | opcode.binary, bytes(n)));
    const { heard } = read([new Uint8Array(stream.flatMap((each) => [...each]))], { oneAtATime: true });
    expect(heard.map((each) => ('message' in each ? each.message[0] : 0))).toEqual([1, 2, 3, 4]);
  });

  test('lengths in all three forms', () => {
    for (const length of [125, 126, 65_535, 65_536, 100_000]) {
      const { heard } = read([frame(final | opcode.binary, new Uint8Array(length).fill(7))], { messageBytes: 100_000 });
      expect(heard).toHaveLength(1);
      expect('message' in (heard[0] as Heard) && (heard[0] as { message: number[] }).message.length).toBe(length);
    }
  });
});

describe('what is wrong', () => {
  const unmasked = bytes(final | opcode.binary, 1, 7);
  const longForm = bytes(final | opcode.binary, 0x80 | 126, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0, 0);
  const hugeForm = bytes(final | opcode.binary, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0, 0);
  const endless = bytes(final | opcode.binary, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0);
  test.each<[string, Uint8Array[], string]>([
    ['no mask', [unmasked], 'PROTOCOL_ERROR'],
    ['a reserved bit', [frame(final | 0x40 | opcode.binary, bytes(1))], 'PROTOCOL_ERROR'],
    ['an unknown opcode', [frame(final | 3, bytes(1))], 'PROTOCOL_ERROR'],
    ['an unknown control opcode', [frame(final | 11, bytes(1))], 'PROTOCOL_ERROR'],
    ['a length in a longer form than needed', [longForm], 'PROTOCOL_ERROR'],
    ['a length in the longest form without need', [hugeForm], 'PROTOCOL_ERROR'],
    ['a fragmented ping', [frame(opcode.ping, bytes(1))], 'PROTOCOL_ERROR'],
    ['a long ping', [frame(final | opcode.ping, new Uint8Array(126))], 'PROTOCOL_ERROR'],
    ['a continuation of nothing', [frame(final | opcode.continuation, bytes(1))], 'PROTOCOL_ERROR'],
    ['a new message within another', [frame(opcode.text, bytes(65)), frame(final | opcode.text, bytes(65))], 'PROTOCOL_ERROR'],
    ['a close with half a code', [frame(final | opcode.close, bytes(3))], 'PROTOCOL_ERROR'],
    ['a close with a code that nobody may send', [frame(final | opcode.close, bytes(0x03, 0xed))], 'PROTOCOL_ERROR'],
    ['a close whose reason is not UTF-8', [frame(final | opcode.close, bytes(0x03, 0xe8, 0xff))], 'PROTOCOL_ERROR'],
    ['a message above the limit', [frame(final | opcode.binary, new Uint8Array(1001))], 'MESSAGE_TOO_BIG'],
    ['a length beyond all numbers', [endless], 'MESSAGE_TOO_BIG'],
    [
      'fragments above the limit together',
      [frame(opcode.binary, new Uint8Array(600)), frame(final, new Uint8Array(600))],
      'MESSAGE_TOO_BIG',
    ],
    ['too many fragments', [frame(opcode.binary, bytes()), ...Array<Uint8Array>(4).fill(frame(0, bytes()))], 'MESSAGE_TOO_BIG'],
  ])('%s', (_what, chunks, code) => {
    const { heard, fault } = read(chunks);
    expect(fault).toBe(code);
    expect(heard).toEqual([]);
  });

  test('a header alone is enough to refuse a message that is too big', () => {
    expect(read([bytes(final | opcode.binary, 0x80 | 126, 0x10, 0)]).fault).toBe('MESSAGE_TOO_BIG');
  });

  test('after a fault, or a close, nothing more is read', () => {
    expect(read([frame(final | 3, bytes()), frame(final | opcode.binary, bytes(1))]).heard).toEqual([]);
    const closed = read([frame(final | opcode.close, closePayload(4001, 'bye')), frame(final | opcode.binary, bytes(1))]);
    expect(closed.heard).toEqual([{ close: 4001, reason: 'bye' }]);
    expect(read([frame(final | opcode.close, bytes())]).heard).toEqual([{ close: 1005, reason: '' }]);
  });
});

test('no bytes make the reader throw, or keep more than its limits', () => {
  const sink: FrameSink = { message: () => true, ping: () => true, pong: () => true, close: () => {} };
  // Random bytes rarely get past the mask bit, so half of them are helped over it.
  const helped = fc.tuple(
    fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x80, 0x00, 0x88, 0x89, 0x8a),
    fc.uint8Array({ maxLength: 200 }),
  );
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    helped.map(([first, payload]) => frame(first, payload)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (chunks) => {
      const reader = new FrameReader({ messageBytes: 500, fragments: 8 }, sink);
      for (const chunk of chunks) {
        reader.push(chunk.slice());
        expect(reader.keptBytes).toBeLessThan(500 + 500 + 14);
      }
    }),
    { numRuns: 500 },
  );
});

test('a reason that is too long is cut at a whole character', () => {
  const payload = closePayload(1000, 'é'.repeat(100));
  expect(payload.length).toBeLessThanOrEqual(125);
  expect(new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(2))).toBe('é'.repeat(61));
});
