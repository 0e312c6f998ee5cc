import type { LinkCloseReason } from '@horizon-atlas/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from './frame-reader.ts';
import { ChunkPool, Outbox } from './outbox.ts';
import { decodeReason, encodeReason } from './wire.ts';

interface Heard {
  readonly frames: Uint8Array[];
  closed?: LinkCloseReason;
  invalid?: string;
}

/** What a reader makes of the bytes when they come in pieces of these sizes, over and over, from a buffer that is then scribbled on. */
function read(bytes: Uint8Array, pieces: readonly number[]): Heard {
  const heard: Heard = { frames: [] };
  const reader = new FrameReader({
    frame: (view) => heard.frames.push(view.slice()),
    closed: (reason) => {
      heard.closed = reason;
    },
    invalid: (message) => {
      heard.invalid = message;
    },
  });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.min(pieces[i % pieces.length] ?? 1, bytes.length - at);
    const piece = Buffer.from(bytes.subarray(at, at + size));
    reader.push(piece);
    piece.fill(0xee);
    at += size;
  }
  return heard;
}

function written(fill: (outbox: Outbox) => void): Uint8Array {
  const outbox = new Outbox(new ChunkPool());
  fill(outbox);
  return Buffer.concat(outbox.take());
}

const pieces = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });
const frame = fc.uint8Array({ maxLength: 400 });

describe('the frame reader', () => {
  it('gives back what the outbox wrote, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), pieces, (frames, sizes) => {
        const bytes = written((outbox) => {
          for (const each of frames) {
            outbox.frame(each);
            outbox.heartbeat();
          }
        });
        expect(read(bytes, sizes)).toEqual({ frames });
      }),
      { numRuns: 300 },
    );
  });

  it('gives back frames larger than a chunk between small ones', () => {
    const frames = [1, 200_000, 3, 131_068, 131_069, 0, 500_000, 2].map((size, i) => new Uint8Array(size).fill(i + 1));
    const bytes = written((outbox) => {
      for (const each of frames) outbox.frame(each);
    });
    expect(bytes.length).toBe(frames.reduce((sum, each) => sum + each.length + 4, 0));
    for (const size of [65_536, 7001])
      expect(read(bytes, [size]).frames.map((f) => [f.length, f[0]])).toEqual(frames.map((f) => [f.length, f[0]]));
  });

  it('tells the reason to close after the frames before it, and nothing after it', () => {
    const reason = { code: 'SESSION_ENDED', message: 'bis bald – 再见' };
    const bytes = written((outbox) => {
      outbox.frame(Uint8Array.of(1));
      outbox.close(reason);
      outbox.frame(Uint8Array.of(2));
    });
    for (const size of [1, 3, 1000]) expect(read(bytes, [size])).toEqual({ frames: [Uint8Array.of(1)], closed: reason });
  });

  it('refuses a frame above 8 MiB by its header, without waiting for it', () => {
    const heard = read(Uint8Array.of(1, 0, 128, 0, 9, 9, 9, 9), [1]);
    expect(heard).toEqual({ frames: [], invalid: 'no frame begins with 0x00800001' });
  });

  it('refuses a stray HTTP request', () => {
    expect(read(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'), [100]).invalid).toContain('0x20544547');
  });

  it('never throws on arbitrary bytes, and says nothing more once it refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), pieces, (bytes, sizes) => {
        const heard = read(bytes, sizes);
        expect(heard.closed !== undefined && heard.invalid !== undefined).toBe(false);
        const total = heard.frames.reduce((sum, each) => sum + each.length + 4, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('does the same with damaged streams of ours', () => {
    const damage = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 10 }),
        pieces,
        fc.array(damage, { maxLength: 4 }),
        (frames, sizes, hits) => {
          const bytes = written((outbox) => {
            for (const each of frames) outbox.frame(each);
            outbox.close({ code: 'X', message: '' });
          });
          for (const { at, value } of hits) bytes[at % bytes.length] = value;
          // However it is cut, the same is heard.
          expect(read(bytes, sizes)).toEqual(read(bytes, [bytes.length]));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('stops when told so from within a frame', () => {
    const seen: number[] = [];
    const reader = new FrameReader({
      frame: (view) => {
        seen.push(view[0] ?? -1);
        if (seen.length === 2) reader.stop();
      },
      closed: () => seen.push(-1),
      invalid: () => seen.push(-2),
    });
    const bytes = written((outbox) => {
      for (let i = 0; i < 5; i++) outbox.frame(Uint8Array.of(i));
    });
    reader.push(bytes);
    reader.push(bytes);
    expect(seen).toEqual([0, 1]);
  });
});

describe('a close reason', () => {
  it('survives the wire', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 60 }),
        fc.string({ maxLength: 200, unit: 'grapheme' }),
        (code, message) => {
          fc.pre(new TextEncoder().encode(code).length < 256 && new TextEncoder().encode(message).length <= 1024);
          expect(decodeReason(encodeReason({ code, message }))).toEqual({ code, message });
        },
      ),
    );
  });

  it('is cut when it is too long, rather than refused', () => {
    expect(decodeReason(encodeReason({ code: 'X', message: 'm'.repeat(5000) }))?.message.length).toBe(1024);
  });

  it('is malformed without a code', () => {
    for (const bytes of [[], [0], [5, 65]]) expect(decodeReason(Uint8Array.from(bytes))).toBeUndefined();
  });
});
