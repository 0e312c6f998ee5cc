/** The ledger of a test: the decisions of the real one on balances that are kept in memory. */
import { deltasOf, isTransferId, planTransfer } from '@horizon-atlas/ledger';
import { BalanceRecord, type ControlToServer, decodeRecord, type ErrorCode, keys, segmentText } from '@horizon-atlas/protocol';
import type { BankQuestion } from '@horizon-atlas/sim';

export class Bank {
  readonly #amounts = new Map<string, number>();
  readonly #decided = new Map<string, { ok: boolean; code: ErrorCode | '' }>();

  answer(question: BankQuestion): ControlToServer {
    if (question.kind === 'transfer') return { kind: 'transferResult', id: question.id, ...this.#transfer(question) };
    const { request, holder } = question;
    return { kind: 'balancesResult', request, items: [...this.balances(holder)].map(([item, amount]) => ({ item, amount })) };
  }

  balances(holder: string): ReadonlyMap<string, number> {
    const prefix = keys.balances(holder);
    const own = [...this.#amounts].filter(([key]) => key.startsWith(prefix));
    return new Map(own.map(([key, amount]) => [segmentText(key.slice(prefix.length)), amount]));
  }

  #transfer({ id, moves }: Extract<BankQuestion, { kind: 'transfer' }>): { ok: boolean; code: ErrorCode | '' } {
    const before = this.#decided.get(id);
    if (before) return before;
    if (!isTransferId(id)) return { ok: false, code: 'TRANSFER_INVALID' };
    const deltas = deltasOf(moves);
    const touched = typeof deltas === 'string' ? [] : [...deltas.keys()];
    const seen = new Map(touched.map((key) => [key, { amount: this.#amounts.get(key) ?? 0, version: 0 }]));
    const { decision, ops } = planTransfer(id, deltas, seen, 0);
    for (const op of ops) {
      if (op.key === keys.transfer(id)) continue;
      const amount = op.op === 'put' ? decodeRecord(BalanceRecord, op.value)?.amount : undefined;
      if (amount === undefined) this.#amounts.delete(op.key);
      else this.#amounts.set(op.key, amount);
    }
    this.#decided.set(id, decision);
    return decision;
  }
}
