/** Items and money on the Store: reads, lets core/transfer.ts decide, commits, and does it again where somebody was faster. */

import type { Clock, Probe, Store } from '@horizon-atlas/ports';
import { BalanceRecord, decodeRecord, type ErrorCode, keys, segmentText, TransferRecord } from '@horizon-atlas/protocol';
import { noProbe } from '@horizon-atlas/runtime';
import {
  type Decision,
  type Deltas,
  deltasOf,
  isTransferId,
  planTransfer,
  type SeenBalance,
  type Transfer,
} from './core/transfer.ts';

export interface LedgerPolicy {
  /** Tries while others change the same balances; then STORE_CONFLICT, and the caller may ask again with the same id. */
  readonly triesMax: number;
  /** Transfers at work or waiting for one on the same balance. Beyond: STORE_UNAVAILABLE at once. */
  readonly pendingMax: number;
}

export const ledgerPolicy: LedgerPolicy = { triesMax: 20, pendingMax: 10_000 };

export interface Balance {
  readonly item: string;
  readonly amount: number;
}

export interface Ledger {
  /**
   * Takes effect once, and whole. The answer, also a refusal, stands for ever: whoever asks again with the same id hears it
   * again. STORE_CONFLICT, STORE_FULL and STORE_UNAVAILABLE alone are no decision: ask again. Never rejects.
   */
  transfer(transfer: Transfer): Promise<Decision>;
  /** What the holder has, by item; nothing of an item is not listed. Rejects when the Store cannot be read. */
  balances(holder: string): Promise<readonly Balance[]>;
}

export interface LedgerNeeds {
  readonly clock: Clock;
  readonly store: Store;
  readonly probe?: Probe;
}

export function makeLedger({ clock, store, probe = noProbe }: LedgerNeeds, policy: LedgerPolicy = ledgerPolicy): Ledger {
  const turns = new Turns();

  const decide = async ({ id, moves }: Transfer): Promise<Decision> => {
    if (!isTransferId(id)) return refusal('TRANSFER_INVALID');
    if (turns.pending >= policy.pendingMax) return refusal('STORE_UNAVAILABLE');
    const deltas = deltasOf(moves);
    const touched = [keys.transfer(id), ...(typeof deltas === 'string' ? [] : deltas.keys())];
    return turns.take(touched, () => decideInTurn(id, deltas));
  };

  const decideInTurn = async (id: string, deltas: Deltas | ErrorCode): Promise<Decision> => {
    for (let tries = 1; tries <= policy.triesMax; tries++) {
      const earlier = await store.get(keys.transfer(id));
      if (earlier !== undefined) return asDecided(earlier.value);
      const balances = await readBalances(store, deltas);
      if (balances === undefined) return refusal('STORE_CORRUPT');
      const plan = planTransfer(id, deltas, balances, clock.wall());
      const result = await store.transact(plan.ops, plan.conditions);
      if (result.ok) return plan.decision;
      if (result.code !== 'STORE_CONFLICT') return refusal(result.code);
      probe.count('atlas_ledger_conflicts_total');
    }
    return refusal('STORE_CONFLICT');
  };

  return {
    transfer: async (transfer) => {
      const decision = await decide(transfer).catch(() => refusal('STORE_UNAVAILABLE'));
      probe.count('atlas_ledger_transfers_total', 1, { code: decision.code || 'OK' });
      return decision;
    },
    balances: async (holder) => {
      const prefix = keys.balances(holder);
      const { records } = await store.list(prefix);
      return records.flatMap(({ key, value }) => {
        const balance = decodeRecord(BalanceRecord, value);
        return balance === undefined ? [] : [{ item: segmentText(key.slice(prefix.length)), amount: balance.amount }];
      });
    },
  };
}

function refusal(code: ErrorCode): Decision {
  return { ok: false, code };
}

function asDecided(value: Uint8Array): Decision {
  const record = decodeRecord(TransferRecord, value);
  // Codes in records were written by us; one of a newer Atlas is passed on as it is.
  return record === undefined ? refusal('STORE_CORRUPT') : { ok: record.ok, code: record.code as Decision['code'] };
}

/** undefined: a balance cannot be read. It is not nothing, so nothing is decided on it. */
async function readBalances(store: Store, deltas: Deltas | ErrorCode): Promise<Map<string, SeenBalance> | undefined> {
  const balances = new Map<string, SeenBalance>();
  if (typeof deltas === 'string') return balances;
  for (const key of deltas.keys()) {
    const record = await store.get(key);
    const balance = record && decodeRecord(BalanceRecord, record.value);
    if (record !== undefined && balance === undefined) return undefined;
    balances.set(key, { amount: balance?.amount ?? 0, version: record?.version ?? 0 });
  }
  return balances;
}

/**
 * Lets what touches the same keys happen one after the other, in the order of asking. It only saves futile tries: what keeps
 * balances right is the conditions, as other processes know nothing of these turns.
 */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>();
  pending = 0;

  async take<T>(touched: readonly string[], work: () => Promise<T>): Promise<T> {
    this.pending++;
    // Everybody waits only for those who came before, so nobody waits in a circle.
    const before = Promise.all(touched.map((key) => this.#last.get(key)));
    const mine = before.then(work);
    const done = mine.catch(() => undefined);
    for (const key of touched) this.#last.set(key, done);
    try {
      return await mine;
    } finally {
      this.pending--;
      for (const key of touched) if (this.#last.get(key) === done) this.#last.delete(key);
    }
  }
}
