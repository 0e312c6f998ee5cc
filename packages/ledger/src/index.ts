/** Items and money: transfers that take effect exactly once. */

export {
  type Decision,
  type Deltas,
  deltasOf,
  isTransferId,
  ledgerLimits,
  MINT,
  type Move,
  planTransfer,
  type SeenBalance,
  SINK,
  type Transfer,
  type TransferPlan,
} from './core/transfer.ts';
export { type Balance, type Ledger, type LedgerNeeds, type LedgerPolicy, ledgerPolicy, makeLedger } from './service.ts';
