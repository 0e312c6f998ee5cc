/** Items and money: questions to the ledger behind the control plane, repeated until they are answered. */
import type { ControlToServer, ServerToControl } from '@horizon-atlas/protocol';
import type { ServerState } from './server-state.ts';

export type Move = { from: string; to: string; item: string; amount: number };

export interface TransferOutcome {
  readonly id: string;
  readonly ok: boolean;
  /** Empty if ok. */
  readonly code: string;
}

type Question = Extract<ServerToControl, { kind: 'transfer' | 'balances' }>;

interface Open {
  readonly question: Question;
  askMs: number;
  readonly answers: ((answer: never) => void)[];
}

/** Questions that are open at a time; above it the answer is RATE_LIMITED at once. */
const OPEN_MAX = 4096;

export class LedgerCalls {
  readonly #state: ServerState;
  readonly #open = new Map<string, Open>();
  #request = 0;

  constructor(state: ServerState) {
    this.#state = state;
  }

  /** The same id takes effect once, however often it is asked. */
  transfer(id: string, moves: readonly Move[], answer: ((outcome: TransferOutcome) => void) | undefined): void {
    this.#ask(`t/${id}`, { kind: 'transfer', id, moves: [...moves] }, answer, () =>
      answer?.({ id, ok: false, code: 'RATE_LIMITED' }),
    );
  }

  /** @param answer gets the holder's amounts by item. Not called at all if too many questions are open. */
  balances(holder: string, answer: (items: ReadonlyMap<string, number>) => void): void {
    this.#request = (this.#request + 1) >>> 0;
    this.#ask(`b/${this.#request}`, { kind: 'balances', request: this.#request, holder }, answer, () => {});
  }

  transferResult(message: Extract<ControlToServer, { kind: 'transferResult' }>): void {
    this.#answer(`t/${message.id}`, { id: message.id, ok: message.ok, code: message.code });
  }

  balancesResult(message: Extract<ControlToServer, { kind: 'balancesResult' }>): void {
    this.#answer(`b/${message.request}`, new Map(message.items.map(({ item, amount }) => [item, amount])));
  }

  tick(nowMs: number): void {
    for (const open of this.#open.values()) {
      if (nowMs < open.askMs) continue;
      open.askMs = nowMs + this.#state.policy.repeatMs;
      this.#state.out.toControl(open.question);
    }
  }

  #ask<T>(key: string, question: Question, answer: ((answer: T) => void) | undefined, refuse: () => void): void {
    const known = this.#open.get(key);
    if (known) {
      if (answer) known.answers.push(answer as (answer: never) => void);
      return;
    }
    if (this.#open.size >= OPEN_MAX) {
      refuse();
      return;
    }
    const answers = answer ? [answer as (answer: never) => void] : [];
    this.#open.set(key, { question, askMs: this.#state.nowMs + this.#state.policy.repeatMs, answers });
    this.#state.out.toControl(question);
  }

  #answer(key: string, value: unknown): void {
    const open = this.#open.get(key);
    this.#open.delete(key);
    for (const answer of open?.answers ?? []) this.#state.guard('ledger answer', () => answer(value as never));
  }
}
