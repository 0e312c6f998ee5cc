/**
 * The process that a match function's thread lives in: see match-functions.ts. Only in a process of its own can a function eat all memory, which ends the
 * process however the thread is limited; and only beside a thread that hangs can somebody notice that Atlas is gone.
 */
import { Worker } from 'node:worker_threads';
import type { FunctionData, FunctionNews } from './match-function-worker.ts';

const [file = '', answerMax = ''] = process.argv.slice(2);
const tell = (news: FunctionNews): void => void process.send?.(news);

const worker = new Worker(new URL('./match-function-worker.ts', import.meta.url), {
  workerData: { file, answerMax: Number(answerMax) } satisfies FunctionData,
});
worker.on('message', tell);
worker.on('error', (error: unknown) => tell({ call: 0, trouble: `it failed with ${String(error).slice(0, 400)}` }));
worker.on('exit', (code) => tell({ call: 0, trouble: `its thread ended with code ${code}` }));
process.on('message', (call) => worker.postMessage(call));
process.on('disconnect', () => process.exit());
