/** A screenshot with 256 colours instead of millions: a fraction of its size, and what is drawn looks the same. For pictures that are committed. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;
const CELLS = 1 << 18;
/** Colours are counted at 6 bits a channel: fewer, and a dark sky has bands. */
const cellOf = (r: number, g: number, b: number) => ((r >> 2) << 12) | ((g >> 2) << 6) | (b >> 2);

interface Image {
  readonly width: number;
  readonly height: number;
  /** Bytes a pixel: 3 or 4, the fourth being opaque. */
  readonly step: number;
  readonly pixels: Uint8Array;
}

interface Cell {
  readonly cell: number;
  readonly colour: readonly [number, number, number];
  readonly count: number;
}

/** @param png of 8 bits a channel, as browsers make them. */
export function withPalette(png: Buffer): Buffer {
  const image = decode(png);
  const boxes = split(cellsOf(image));
  const index = new Uint8Array(CELLS);
  boxes.forEach((box, i) => {
    for (const { cell } of box) index[cell] = i;
  });
  return encode(image, boxes.map(mean), index);
}

function cellsOf({ pixels, step }: Image): Cell[] {
  const sums = new Float64Array(4 * CELLS);
  for (let at = 0; at < pixels.length; at += step) {
    const [r, g, b] = pixels.subarray(at, at + 3) as unknown as [number, number, number];
    const cell = 4 * cellOf(r, g, b);
    for (const [i, value] of [r, g, b, 1].entries()) sums[cell + i] = (sums[cell + i] ?? 0) + value;
  }
  const cells: Cell[] = [];
  for (let cell = 0; cell < CELLS; cell++) {
    const [r, g, b, count] = sums.subarray(4 * cell, 4 * cell + 4) as unknown as [number, number, number, number];
    if (count > 0) cells.push({ cell, colour: [r / count, g / count, b / count], count });
  }
  return cells;
}

/** Median cut, by the spread of colours and not by how often each occurs: a small bright sign matters as much as the sky. */
function split(cells: Cell[]): Cell[][] {
  const boxes = [cells];
  while (boxes.length < COLOURS) {
    const widths = boxes.map((box) => Math.max(...[0, 1, 2].map((channel) => spread(box, channel))));
    const widest = widths.indexOf(Math.max(...widths));
    const box = boxes[widest] as Cell[];
    if (box.length < 2) break;
    const channel = [0, 1, 2].sort((a, b) => spread(box, b) - spread(box, a))[0] as 0 | 1 | 2;
    box.sort((a, b) => a.colour[channel] - b.colour[channel]);
    boxes.push(box.splice(box.length >> 1));
  }
  return boxes;
}

function spread(box: readonly Cell[], channel: number): number {
  const values = box.map(({ colour }) => colour[channel] as number);
  return box.length < 2 ? 0 : Math.max(...values) - Math.min(...values);
}

function mean(box: readonly Cell[]): number[] {
  const count = box.reduce((sum, cell) => sum + cell.count, 0);
  return [0, 1, 2].map((i) => Math.round(box.reduce((sum, cell) => sum + (cell.colour[i] as number) * cell.count, 0) / count));
}

function encode({ width, height, step, pixels }: Image, palette: readonly number[][], index: Uint8Array): Buffer {
  const rows = Buffer.alloc(height * (width + 1));
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = pixels.subarray(i * step, i * step + 3) as unknown as [number, number, number];
    rows[i + Math.floor(i / width) + 1] = index[cellOf(r, g, b)] as number;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function decode(png: Buffer): Image {
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [width, height, step] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
  if (png[24] !== 8 || (png[25] !== 2 && png[25] !== 6) || png[28] !== 0)
    throw new Error('expected a PNG of 8-bit RGB, not interlaced');
  const filtered = inflateSync(Buffer.concat(parts));
  const stride = width * step;
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)] as number;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < step ? 0 : (pixels[at - step] as number);
      const up = y === 0 ? 0 : (pixels[at - stride] as number);
      const corner = x < step || y === 0 ? 0 : (pixels[at - stride - step] as number);
      pixels[at] = (filtered[y * (stride + 1) + 1 + x] as number) + predicted(filter, left, up, corner);
    }
  }
  return { width, height, step, pixels };
}

/** RFC 2083 §6. */
function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
