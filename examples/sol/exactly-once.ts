/**
 * Holds the promise "each command takes effect exactly once, in order" against what a region server counted. The count lives in the
 * ship, so it crosses borders and is rolled back and replayed with it: echoes may come again after a server's death, wrong counts may not.
 */
export interface Faults {
  /** Commands that never took effect. */
  readonly lost: number;
  /** Commands that took effect more than once. */
  readonly doubled: number;
  /** Commands that took effect before an earlier one. */
  readonly reordered: number;
}

export interface Counted {
  readonly run: number;
  /** Which command this is the answer to. */
  readonly n: number;
  /** How many of the run had taken effect, this one included. */
  readonly seen: number;
  /** It took effect right after the one before it. */
  readonly ordered: boolean;
}

export class ExactlyOnce {
  #run: number;
  #next = 1;
  #heard = 0;
  #lost = 0;
  #doubled = 0;
  #reordered = 0;
  /** Of earlier runs. */
  #before: Faults = { lost: 0, doubled: 0, reordered: 0 };

  constructor(run: number) {
    this.#run = run;
  }

  get faults(): Faults {
    const { lost, doubled, reordered } = this.#before;
    return { lost: lost + this.#lost, doubled: doubled + this.#doubled, reordered: reordered + this.#reordered };
  }

  /** The highest command that was answered. */
  get heard(): number {
    return this.#heard;
  }

  /** The next command, if `send` takes it. */
  send(send: (command: { run: number; n: number }) => boolean): void {
    if (send({ run: this.#run, n: this.#next })) this.#next++;
  }

  /** The session ended, and with it the promise: a new run begins. */
  restart(run: number): void {
    this.#before = this.faults;
    this.#lost = 0;
    this.#doubled = 0;
    this.#reordered = 0;
    this.#run = run;
    this.#next = 1;
    this.#heard = 0;
  }

  counted({ run, n, seen, ordered }: Counted): void {
    if (run !== this.#run) return;
    this.#heard = Math.max(this.#heard, n);
    // Later answers show the same missing command again: the worst difference is how many there are.
    if (seen < n) this.#lost = Math.max(this.#lost, n - seen);
    else if (seen > n) this.#doubled = Math.max(this.#doubled, seen - n);
    if (!ordered && seen === n) this.#reordered++;
  }
}
