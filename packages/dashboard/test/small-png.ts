/**
 * Makes a picture of the page small enough to keep in the repository: at most 256 colours, by median cut, in an indexed PNG. Reads only what
 * Chromium writes: 8 bits a channel, not interlaced.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const colours = 256;

export function smallPng(png: Uint8Array): Uint8Array {
  const { width, height, pixels } = decode(Buffer.from(png));
  const palette = cut(pixels);
  const index = nearestIn(palette);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0, at = 0; y < height; y++) {
    let to = y * (width + 1);
    rows[to++] = 0;
    for (let x = 0; x < width; x++) rows[to++] = index(pixels[at++] as number);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((rgb) => [rgb >> 16, (rgb >> 8) & 255, rgb & 255]));
  const chunks = [
    chunk('IHDR', head),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/** Pixels as 0xrrggbb. */
function decode(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height, channels] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
  const data = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const line = Buffer.alloc(stride);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    unfilter(data.subarray(y * (stride + 1), (y + 1) * (stride + 1)), line, channels);
    for (let x = 0; x < width; x++) pixels[y * width + x] = line.readUIntBE(x * channels, 3);
  }
  return { width, height, pixels };
}

/** `line` has the line above, and then this one. */
function unfilter(row: Buffer, line: Buffer, channels: number): void {
  const above = Buffer.from(line);
  const filter = row[0];
  for (let i = 0; i < line.length; i++) {
    const a = i >= channels ? (line[i - channels] as number) : 0;
    const b = above[i] as number;
    const c = i >= channels ? (above[i - channels] as number) : 0;
    const guess = filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : filter === 4 ? paeth(a, b, c) : 0;
    line[i] = ((row[i + 1] as number) + guess) & 255;
  }
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** Boxes of colours are cut in two where they are longest, until there are enough. */
function cut(pixels: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  // Large areas keep their exact colour; the rest shares what is left.
  const all = [...counts].sort((a, b) => b[1] - a[1]);
  const fixed = all.slice(0, 48).map(([rgb]) => rgb);
  const boxes = [all.slice(48).map(([rgb]) => rgb)];
  while (boxes.length < colours - fixed.length) {
    const [longest, channel] = longestOf(boxes);
    const box = boxes[longest];
    if (!box || box.length < 2) break;
    box.sort((a, b) => ((a >> channel) & 255) - ((b >> channel) & 255));
    const middle = box.length >> 1;
    boxes.splice(longest, 1, box.slice(0, middle), box.slice(middle));
  }
  return [...fixed, ...boxes.filter((box) => box.length > 0).map(meanOf)];
}

function longestOf(boxes: readonly number[][]): [index: number, channel: number] {
  let [best, channelOfBest, longest] = [0, 0, -1];
  for (const [i, box] of boxes.entries()) {
    for (const channel of [16, 8, 0]) {
      let [low, high] = [255, 0];
      for (const rgb of box) {
        const value = (rgb >> channel) & 255;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      const long = (high - low) * Math.sqrt(box.length);
      if (box.length > 1 && long > longest) [best, channelOfBest, longest] = [i, channel, long];
    }
  }
  return [best, channelOfBest];
}

function meanOf(box: readonly number[]): number {
  let [r, g, b] = [0, 0, 0];
  for (const rgb of box) {
    r += rgb >> 16;
    g += (rgb >> 8) & 255;
    b += rgb & 255;
  }
  const mean = (sum: number): number => Math.round(sum / box.length);
  return (mean(r) << 16) | (mean(g) << 8) | mean(b);
}

function nearestIn(palette: readonly number[]): (rgb: number) => number {
  const known = new Map<number, number>(palette.map((rgb, i) => [rgb, i]));
  return (rgb) => {
    const found = known.get(rgb);
    if (found !== undefined) return found;
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (const [i, each] of palette.entries()) {
      const [dr, dg, db] = [(each >> 16) - (rgb >> 16), ((each >> 8) & 255) - ((rgb >> 8) & 255), (each & 255) - (rgb & 255)];
      const apart = 2 * dr * dr + 4 * dg * dg + 3 * db * db;
      if (apart < least) [best, least] = [i, apart];
    }
    known.set(rgb, best);
    return best;
  };
}
