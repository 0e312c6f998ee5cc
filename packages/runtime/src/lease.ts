/** A lease on the Store: the engine of core/lease.ts with a clock and records. */

import type { Clock, Store } from '@horizon-atlas/ports';
import { decodeRecord, encodeRecord, keys, LeaseRecord } from '@horizon-atlas/protocol';
import { LeaseEngine, type LeasePolicy, leasePolicy } from './core/lease.ts';
import { drive } from './driver.ts';

export interface LeaseWishes {
  /** What is led: the record is `lease/<what>`. */
  readonly what: string;
  /** Who asks: the same after a restart, so that an Atlas that comes back need not wait for itself. At most 64 bytes. */
  readonly holder: string;
  readonly policy?: LeasePolicy;
  gained(fence: number): void;
  lost(): void;
}

export interface Lease {
  /** The fence while we lead. */
  readonly fence: number | undefined;
  /** Gives it back; resolves when a successor may take it. */
  close(): Promise<void>;
}

/** Tries to lead from now on, and again after each loss, until it is closed. */
export function makeLease({ clock, store }: { clock: Clock; store: Store }, wishes: LeaseWishes): Lease {
  const key = keys.lease(wishes.what);
  let last: Promise<void> = Promise.resolve();

  const read = async () => {
    try {
      const found = await store.get(key);
      const seen = { record: found && decodeRecord(LeaseRecord, found.value), version: found?.version ?? 0 };
      driver.feed((now) => engine.fromRead(seen, now, clock.wall()));
    } catch {
      driver.feed((now) => engine.fromFailure(now));
    }
  };
  const write = async (record: LeaseRecord, version: number) => {
    const result = await store.transact([{ op: 'put', key, value: encodeRecord(LeaseRecord, record) }], [{ key, version }]);
    driver.feed((now) => {
      if (result.ok) engine.fromWrite(result.revision, now);
      else if (result.code === 'STORE_CONFLICT') engine.fromWrite(undefined, now);
      else engine.fromFailure(now);
    });
  };

  const engine = new LeaseEngine(
    wishes.holder,
    {
      read: () => void read(),
      write: (record, version) => {
        last = write(record, version);
      },
      gained: wishes.gained,
      lost: wishes.lost,
    },
    wishes.policy ?? leasePolicy,
  );
  const driver = drive(clock, engine);

  return {
    get fence() {
      return engine.fence;
    },
    close: async () => {
      // A taking under way would come to pass after the release: its answer first.
      await last;
      driver.feed(() => engine.release());
      driver.stop();
      await last;
    },
  };
}
