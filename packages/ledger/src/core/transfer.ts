/**
 * Decides a transfer from what was read, as one transaction whose conditions are exactly what it was decided on. Either it
 * commits and the decision stands for ever under the transfer's id, or something had changed and it is decided anew.
 */

import { type StoreCondition, type StoreOp, storeLimits } from '@horizon-atlas/ports';
import { BalanceRecord, type ErrorCode, encodeRecord, keys, TransferRecord } from '@horizon-atlas/protocol';

/** Where new items come from: it has no balance and gives without bound. */
export const MINT = 'mint';
/** Where items go for good: it takes everything and keeps no balance. */
export const SINK = 'sink';

export const ledgerLimits = {
  /** Moves of one transfer. Beyond: TRANSFER_INVALID. */
  moves: 64,
  /** The transfer's id and holders' names, in bytes of UTF-8. Beyond: TRANSFER_INVALID. */
  nameBytes: 128,
  itemBytes: 64,
} as const;

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly item: string;
  /** A whole number from 1 to 2^53 − 1. */
  readonly amount: number;
}

export interface Transfer {
  /** The caller's. A transfer with an id that was decided before is not looked at: the first decision is the answer. */
  readonly id: string;
  /** All at once: only what each holder has afterwards counts, not the order. */
  readonly moves: readonly Move[];
}

/** `code` is empty where `ok`. */
export interface Decision {
  readonly ok: boolean;
  readonly code: ErrorCode | '';
}

/** What a valid transfer does to each balance that it touches, by the balance's key. */
export type Deltas = ReadonlyMap<string, number>;

export interface SeenBalance {
  readonly amount: number;
  /** 0: there is no record, and so nothing of the item. */
  readonly version: number;
}

export interface TransferPlan {
  readonly decision: Decision;
  readonly ops: readonly StoreOp[];
  readonly conditions: readonly StoreCondition[];
}

const encoder = new TextEncoder();

/** Whether decisions can be recorded under this id; if not, the transfer is TRANSFER_INVALID and nothing is recorded. */
export function isTransferId(id: string): boolean {
  return isName(id, ledgerLimits.nameBytes) && !id.includes('/');
}

/** The balances to read, or why the transfer is refused whatever they are. */
export function deltasOf(moves: readonly Move[]): Deltas | 'TRANSFER_INVALID' | 'TRANSFER_TOO_MUCH' {
  if (moves.length === 0 || moves.length > ledgerLimits.moves) return 'TRANSFER_INVALID';
  const deltas = new Map<string, number>();
  for (const move of moves) {
    if (!isMove(move)) return 'TRANSFER_INVALID';
    for (const [holder, amount] of [
      [move.from, -move.amount],
      [move.to, move.amount],
    ] as const) {
      if (holder === MINT || holder === SINK) continue;
      const key = keys.balance(holder, move.item);
      // Only a name made of slashes is so long once they are written as %2F.
      if (encoder.encode(key).length > storeLimits.keyBytes) return 'TRANSFER_INVALID';
      const sum = (deltas.get(key) ?? 0) + amount;
      if (!Number.isSafeInteger(sum)) return 'TRANSFER_TOO_MUCH';
      deltas.set(key, sum);
    }
  }
  return deltas;
}

/**
 * @param balances of every key in `deltas`.
 * @param atMs milliseconds since 1970, for people who read the record.
 */
export function planTransfer(
  id: string,
  deltas: Deltas | ErrorCode,
  balances: ReadonlyMap<string, SeenBalance>,
  atMs: number,
): TransferPlan {
  const decision = decide(deltas, balances);
  const ops: StoreOp[] = [];
  // The id decides once; the balances, also of a refusal, are those that it was decided on.
  const conditions: StoreCondition[] = [{ key: keys.transfer(id), version: 0 }];
  for (const [key, { version }] of balances) conditions.push({ key, version });
  const record: TransferRecord = { ...decision, atMs: Math.max(0, Math.floor(atMs)) };
  ops.push({ op: 'put', key: keys.transfer(id), value: encodeRecord(TransferRecord, record) });
  if (!decision.ok || typeof deltas === 'string') return { decision, ops, conditions };

  for (const [key, delta] of deltas) {
    const amount = (balances.get(key)?.amount ?? 0) + delta;
    if (delta === 0) continue;
    // Nothing of an item is no record: holders that come and go leave nothing behind.
    if (amount === 0) ops.push({ op: 'delete', key });
    else ops.push({ op: 'put', key, value: encodeRecord(BalanceRecord, { amount }) });
  }
  return { decision, ops, conditions };
}

function decide(deltas: Deltas | ErrorCode, balances: ReadonlyMap<string, SeenBalance>): Decision {
  if (typeof deltas === 'string') return { ok: false, code: deltas };
  for (const [key, delta] of deltas) {
    const amount = (balances.get(key)?.amount ?? 0) + delta;
    if (amount < 0) return { ok: false, code: 'TRANSFER_INSUFFICIENT' };
    if (amount > Number.MAX_SAFE_INTEGER) return { ok: false, code: 'TRANSFER_TOO_MUCH' };
  }
  return { ok: true, code: '' };
}

function isMove({ from, to, item, amount }: Move): boolean {
  if (!Number.isSafeInteger(amount) || amount < 1) return false;
  // From nowhere to nowhere moves nothing, either.
  if (from === to || to === MINT || from === SINK || (from === MINT && to === SINK)) return false;
  return isName(from, ledgerLimits.nameBytes) && isName(to, ledgerLimits.nameBytes) && isName(item, ledgerLimits.itemBytes);
}

function isName(name: string, bytesMax: number): boolean {
  if (name.length === 0 || name.length > bytesMax || !name.isWellFormed() || name.includes('\0')) return false;
  return encoder.encode(name).length <= bytesMax;
}
