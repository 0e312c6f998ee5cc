/** The thread in which a match function runs: see match-functions.ts. What it answers goes out as JSON, because a text has a length that can be told before it is read. */
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '@horizon-atlas/base';
import type { MatchFunction, MatchPool } from './core/match-function.ts';

/** To the thread. */
export interface FunctionCall {
  readonly call: number;
  readonly pool: MatchPool;
}

/** From the thread. `call` 0: it has loaded the function, or could not. */
export type FunctionNews =
  | { readonly call: number; readonly proposals: string }
  | { readonly call: number; readonly trouble: string };

export interface FunctionData {
  readonly file: string;
  /** Characters of an answer. */
  readonly answerMax: number;
}

const port = must(parentPort, 'this is the main module of a thread');
const { file, answerMax } = workerData as FunctionData;
const tell = (news: FunctionNews): void => port.postMessage(news);

const textOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 400);

async function load(): Promise<MatchFunction | undefined> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    if (typeof module.default === 'function') return module.default as MatchFunction;
    tell({ call: 0, trouble: 'it has no function as its default export' });
  } catch (error) {
    tell({ call: 0, trouble: `it cannot be loaded: ${textOf(error)}` });
  }
  return undefined;
}

async function answer(form: MatchFunction, { call, pool }: FunctionCall): Promise<FunctionNews> {
  try {
    const proposals: unknown = await form(pool);
    if (!Array.isArray(proposals))
      return { call, trouble: `it answered with ${typeof proposals}, and not with a list of proposals` };
    if (proposals.length > pool.tickets.length)
      return { call, trouble: `it answered with ${proposals.length} proposals of ${pool.tickets.length} tickets` };
    const text = JSON.stringify(proposals);
    if (text.length > answerMax) return { call, trouble: `it answered with ${text.length} characters, ${answerMax} are read` };
    return { call, proposals: text };
  } catch (error) {
    return { call, trouble: `it threw ${textOf(error)}` };
  }
}

const form = await load();
if (form) {
  port.on('message', (asked: FunctionCall) => void answer(form, asked).then(tell));
  tell({ call: 0, proposals: '' });
}
