/** A Store that forgets everything with its process: for tests, and for trying things out. */

import type { Store, StoreCondition, StoreOp, StoreResult } from '@horizon-atlas/ports';
import { ChangeFeed, type ChangeFeedLimits, changeFeedLimits } from '@horizon-atlas/runtime';
import { RecordTable } from './core/record-table.ts';
import { hostTurn, type Later } from './later.ts';

export interface MemoryStoreOptions {
  /** When transactions take effect and watchers are told; the loop's next turn by default. */
  readonly later?: Later;
  readonly history?: Partial<ChangeFeedLimits>;
}

interface Waiting {
  readonly ops: readonly StoreOp[];
  readonly conditions: readonly StoreCondition[];
  readonly resolve: (result: StoreResult) => void;
}

/** Transactions take effect on a later turn, as with a disk: whoever does not wait for the answer reads the old state here, too. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const later = options.later ?? hostTurn;
  const table = new RecordTable();
  const feed = new ChangeFeed(0, { ...changeFeedLimits, ...options.history });
  let waiting: Waiting[] = [];
  let open = true;

  const deliver = () => {
    if (open) feed.deliver();
  };
  const commit = () => {
    const batch = waiting;
    waiting = [];
    for (const { ops, conditions, resolve } of batch) {
      const { result, changes } = table.transact(ops, conditions);
      if (result.ok && changes.length > 0) feed.append(result.revision, changes);
      resolve(result);
    }
    later(deliver);
  };

  return {
    get: async (key) => {
      refuseIfClosed(open);
      return table.get(key);
    },
    list: async (prefix) => {
      refuseIfClosed(open);
      return table.list(prefix);
    },
    transact: (ops, conditions = []) => {
      if (!open) return Promise.resolve({ ok: false, code: 'STORE_UNAVAILABLE', message: 'the store is closed' });
      return new Promise((resolve) => {
        waiting.push({ ops: copiesOf(ops), conditions, resolve });
        if (waiting.length === 1) later(commit);
      });
    },
    watch: (prefix, from, fn) => {
      const cancel = feed.watch(prefix, from, fn);
      later(deliver);
      return cancel;
    },
    close: async () => {
      if (!open) return;
      open = false;
      commit();
      feed.close();
    },
  };
}

/** The table copies, too, but only when the transaction takes effect; until then the bytes are still the caller's. */
function copiesOf(ops: readonly StoreOp[]): readonly StoreOp[] {
  return ops.map((op) => (op.op === 'put' ? { ...op, value: op.value.slice() } : op));
}

function refuseIfClosed(open: boolean): void {
  if (!open) throw new Error('the store is closed');
}
