/**
 * Forked by the allocation bench: a game's backend that asks for game servers over kept connections. `closed`: each connection asks again at once.
 * `open`: so many a second, whatever the answers take. When Atlas goes away under it, it tells what it had been answered by then.
 */
import { percentile } from '@horizon-atlas/base';
import { type Asker, openAsker } from './asker.ts';

export interface CallersOrder {
  readonly url: string;
  readonly connections: number;
  readonly kind: 'closed' | 'open';
  /** Of `open`. */
  readonly perS: number;
  /** Requests in all. */
  readonly count: number;
  /** Request ids begin with it. */
  readonly name: string;
  /** Each server is given back at once, before the next is asked for; or all of them once there is nothing more to ask for. */
  readonly release?: 'at-once' | 'after';
  /** It says so when this many have been answered. */
  readonly tellAt?: number;
}

export interface CallersReport {
  /** Request id and server. */
  readonly granted: readonly (readonly [string, string])[];
  readonly refused: number;
  readonly unanswered: readonly string[];
  readonly tookS: number;
  /** From the moment at which it was to be sent. */
  readonly ms: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Of `open`, and part of `ms`: from then until this process came to it. Zeros for `closed`. */
  readonly lateMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

const order = JSON.parse(process.argv[2] ?? '') as CallersOrder;
const { url, connections, kind, perS, count, name, release, tellAt } = order;
const lines = await Promise.all(Array.from({ length: connections }, () => openAsker(url)));
const granted: [string, string][] = [];
const unanswered: string[] = [];
const tookMs: number[] = [];
const lateMs: number[] = [];
let [sent, refused] = [0, 0];

/** False: Atlas is gone. */
async function ask(line: Asker, dueMs: number): Promise<boolean> {
  const requestId = `${name}-${sent++}`;
  const { status, body } = await line.ask(requestId);
  if (status === 0) {
    unanswered.push(requestId);
    return false;
  }
  tookMs.push(performance.now() - dueMs);
  if (status === 200) granted.push([requestId, (JSON.parse(body) as { gameServerName: string }).gameServerName]);
  else refused++;
  if (granted.length === tellAt) process.send?.('reached');
  if (release === 'at-once') await line.release(requestId);
  return true;
}

async function closed(): Promise<void> {
  await Promise.all(
    lines.map(async (line) => {
      while (sent < count && (await ask(line, performance.now())));
    }),
  );
}

async function giveBack(): Promise<void> {
  const ids = granted.map(([id]) => id);
  await Promise.all(
    lines.map(async (line) => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) await line.release(id);
    }),
  );
}

async function open(): Promise<void> {
  const free = [...lines];
  const waiting: number[] = [];
  const startMs = performance.now();
  let [due, over] = [0, 0];
  await new Promise<void>((resolve) => {
    const next = () => {
      while (free.length > 0 && waiting.length > 0) {
        const line = free.pop() as Asker;
        void ask(line, waiting.shift() as number).then(() => {
          free.push(line);
          over++;
          next();
        });
      }
      if (over >= count) {
        clearInterval(timer);
        resolve();
      }
    };
    const timer = setInterval(() => {
      const nowMs = performance.now();
      for (const until = Math.min(count, ((nowMs - startMs) * perS) / 1000); due < until; due++) {
        const dueMs = startMs + (due * 1000) / perS;
        waiting.push(dueMs);
        lateMs.push(nowMs - dueMs);
      }
      next();
    }, 1);
  });
}

const startMs = performance.now();
await (kind === 'closed' ? closed() : open());
const tookS = (performance.now() - startMs) / 1000;
if (release === 'after') await giveBack();
for (const line of lines) line.close();
const quantile = (all: readonly number[], q: number) => (all.length === 0 ? 0 : percentile(all, q));
const spread = (all: readonly number[]) => ({ p50: quantile(all, 0.5), p99: quantile(all, 0.99), max: quantile(all, 1) });
const report = { granted, refused, unanswered, tookS, ms: spread(tookMs), lateMs: spread(lateMs) };
process.send?.(report satisfies CallersReport, undefined, undefined, () => process.exit(0));
