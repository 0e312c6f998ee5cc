/**
 * Makes data/movement.bin.gz from a table of recorded positions: a few minutes of each player, with each match moved so that its
 * middle is the origin. Run it again only to take another source:
 *
 *   node examples/sol/reduce-recording.ts move-cs2-4hz.csv.gz
 *
 * The table's columns: match, round, t_s, player, x, y, z, and others that are ignored; a row's player is numbered within its match,
 * and a life ends where the round ends or the rows do.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Life, packRecording, type Track } from './recording.ts';

const HZ = 4;
/** Of each player, in seconds. Together they make a file well below 400 kB. */
const SECONDS = 480;
/** Lives shorter than this show nothing but a death. */
const SAMPLES_MIN = 40;

interface Row {
  readonly match: string;
  readonly round: string;
  readonly player: string;
  readonly at: readonly [number, number, number];
}

const source = process.argv[2];
if (source === undefined) {
  console.error('usage: node examples/sol/reduce-recording.ts TABLE.csv[.gz]');
  process.exit(2);
}
const target = new URL('./data/movement.bin.gz', import.meta.url);
const tracks = reduce(read(source));
const file = packRecording({ hz: HZ, tracks });
writeFileSync(target, file);
const samples = tracks.flatMap(({ lives }) => lives).reduce((sum, life) => sum + life.length / 3, 0);
console.log(`${tracks.length} players, ${Math.round(samples / HZ / 60)} minutes, ${file.length} bytes: ${target.pathname}`);

function read(path: string): Row[] {
  const bytes = readFileSync(path);
  const [head = '', ...lines] = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n');
  const columns = head.split(',');
  const [match, round, player, x, y, z] = ['match', 'round', 'player', 'x', 'y', 'z'].map((name) => {
    const i = columns.indexOf(name);
    if (i < 0) throw new Error(`the table has no column ${name}; it has ${head}`);
    return i;
  }) as [number, number, number, number, number, number];
  return lines.map((line) => {
    const cells = line.split(',');
    const text = (i: number): string => cells[i] ?? '';
    return {
      match: text(match),
      round: text(round),
      player: text(player),
      at: [Number(text(x)), Number(text(y)), Number(text(z))],
    };
  });
}

function reduce(rows: readonly Row[]): Track[] {
  return [...Map.groupBy(rows, (row) => row.match).values()].flatMap((ofMatch, match) => {
    const middle = middleOf(ofMatch);
    const players = [...Map.groupBy(ofMatch, (row) => row.player).entries()].sort(([a], [b]) => Number(a) - Number(b));
    return players.map(([player, ofPlayer]) => {
      const rounds = [...Map.groupBy(ofPlayer, (row) => row.round).values()];
      return { match, player: Number(player), lives: enough(rounds.map((life) => relative(life, middle))) };
    });
  });
}

function enough(lives: readonly Life[]): Life[] {
  const kept: Life[] = [];
  let samples = 0;
  for (const life of lives) {
    if (samples >= SECONDS * HZ) break;
    if (life.length / 3 < SAMPLES_MIN) continue;
    kept.push(life);
    samples += life.length / 3;
  }
  return kept;
}

function relative(life: readonly Row[], middle: readonly number[]): Life {
  return new Float32Array(life.flatMap(({ at }) => at.map((value, axis) => value - (middle[axis] as number))));
}

function middleOf(rows: readonly Row[]): number[] {
  return [0, 1, 2].map((axis) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const { at } of rows) {
      low = Math.min(low, at[axis] as number);
      high = Math.max(high, at[axis] as number);
    }
    return (low + high) / 2;
  });
}
