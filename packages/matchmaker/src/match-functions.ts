/**
 * Match functions of queues, each in a thread of a process of its own: one that hangs or eats all memory is ended, one that throws is told of, and the queues
 * beside it notice nothing. It is begun with the first call, and again after it had to be ended.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cancel, Clock } from '@horizon-atlas/ports';
import type { FunctionAnswer } from './core/desk-io.ts';
import type { MatchPool } from './core/match-function.ts';
import type { FunctionCall, FunctionNews } from './match-function-worker.ts';

export const limits = {
  /** From its beginning until it has loaded its function. */
  loadMs: 60_000,
  /** Characters of an answer, as JSON. */
  answer: 4 * 1024 * 1024,
  /** What a function may keep in memory. */
  heapMiB: 256,
} as const;

export interface FunctionSource {
  /** The module whose default export it is: an absolute path. */
  readonly file: string;
  /** For one call. */
  readonly timeoutMs: number;
}

export class MatchFunctions {
  readonly #processes: ReadonlyMap<string, FunctionProcess>;

  constructor(clock: Clock, sources: ReadonlyMap<string, FunctionSource>) {
    this.#processes = new Map([...sources].map(([queue, source]) => [queue, new FunctionProcess(clock, source)]));
  }

  /** Always answers. One call at a time of each queue. */
  call(queue: string, pool: MatchPool): Promise<FunctionAnswer> {
    return this.#processes.get(queue)?.call(pool) ?? Promise.resolve(failed('the queue has none'));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((each) => each.close()));
  }
}

const entry = fileURLToPath(new URL('./match-function-process.ts', import.meta.url));

class FunctionProcess {
  readonly #clock: Clock;
  readonly #source: FunctionSource;
  #child: ChildProcess | undefined;
  #loaded = false;
  #calls = 0;
  #waiting: { readonly call: number; readonly pool: MatchPool; readonly answer: (answer: FunctionAnswer) => void } | undefined;
  #cancel: Cancel = () => {};

  constructor(clock: Clock, source: FunctionSource) {
    this.#clock = clock;
    this.#source = source;
  }

  call(pool: MatchPool): Promise<FunctionAnswer> {
    return new Promise((resolve) => {
      const call = ++this.#calls;
      this.#waiting = { call, pool, answer: resolve };
      if (this.#child) {
        if (this.#loaded) this.#post();
        return;
      }
      this.#begin();
      this.#within(limits.loadMs, 'load');
    });
  }

  async close(): Promise<void> {
    this.#answer(failed('Atlas is stopping'));
    await this.#end();
  }

  #begin(): void {
    const child = fork(entry, [this.#source.file, String(limits.answer)], {
      execArgv: [`--max-old-space-size=${limits.heapMiB}`],
      // It need not know what Atlas knows.
      env: { PATH: process.env.PATH, TZ: process.env.TZ, LANG: process.env.LANG, NODE_ENV: process.env.NODE_ENV },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#loaded = false;
    // A queue that forms no matches keeps no process alive.
    child.unref();
    child.channel?.unref();
    const over = (why: string): void => {
      if (this.#child === child) this.#fail(why);
    };
    child.on('message', (news: FunctionNews) => {
      if (this.#child === child) this.#heard(news);
    });
    child.on('error', (error) => over(`it failed with ${String(error)}`));
    child.on('exit', (code, signal) =>
      over(
        `its process ended with ${signal ?? `code ${code}`}, which is what happens when it needs more than ${limits.heapMiB} MiB`,
      ),
    );
  }

  #heard(news: FunctionNews): void {
    if (news.call === 0) {
      if ('trouble' in news) return this.#fail(news.trouble);
      this.#loaded = true;
      if (this.#waiting) this.#post();
      return;
    }
    if (news.call !== this.#waiting?.call) return;
    // It lives on: a function that throws can be called again.
    if ('trouble' in news) this.#answer(failed(`${this.#source.file}: ${news.trouble}`));
    else this.#answer({ ok: true, proposals: JSON.parse(news.proposals) as unknown[] });
  }

  #post(): void {
    if (!this.#waiting) return;
    const { call, pool } = this.#waiting;
    this.#child?.send({ call, pool } satisfies FunctionCall, () => {});
    this.#within(this.#source.timeoutMs, 'answer');
  }

  #within(ms: number, what: string): void {
    this.#cancel();
    this.#cancel = this.#clock.at(this.#clock.now() + ms, () => this.#fail(`it did not ${what} within ${ms} ms and was ended`));
  }

  #fail(why: string): void {
    void this.#end();
    this.#answer(failed(`${this.#source.file}: ${why}`));
  }

  #answer(answer: FunctionAnswer): void {
    this.#cancel();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.answer(answer);
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#loaded = false;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.ref();
    child.kill('SIGKILL');
    await ended;
  }
}

function failed(message: string): FunctionAnswer {
  return { ok: false, code: 'MATCH_FUNCTION_FAILED', message };
}
