/** What both game servers of the `gateway` bench are told by the bench, and answer. */
import type { ServerOrder } from './orders.ts';
import { type Answers, addCounts, type Counts, HZ, noCounts } from './traffic.ts';

export interface BenchGame {
  players(): Iterable<Counts>;
  /** Says something to everybody. */
  tick(): void;
}

export interface BenchServer {
  readonly answers: Answers | 'none';
  /** Tells the bench where it is. */
  ready(where: object): void;
}

export function serveBench(game: BenchGame): BenchServer {
  const state = { answers: 'each' as Answers | 'none', ready: (where: object) => void process.send?.(where) };
  process.on('message', (order: ServerOrder) => {
    if (order.do === 'answers') state.answers = order.answers;
    else process.send?.([...game.players()].reduce<Counts>(addCounts, noCounts));
  });
  setInterval(() => {
    if (state.answers === 'ticks') game.tick();
  }, 1000 / HZ);
  return state;
}
