import { inTransaction, type Sql } from '../database/database.ts';
import { fence } from '../warehouse/leases.ts';
import type { SyncContext } from './context.ts';

/** A transaction that only the holder of the lease can commit. Every write of the engine is one. */
export function fenced<T>(context: SyncContext, work: (tx: Sql) => Promise<T>): Promise<T> {
  const { database, lease, sharedNow, settings } = context;
  return inTransaction(database, async (tx) => {
    await fence(tx, lease, sharedNow(), settings.leaseTtlMs);
    return work(tx);
  });
}
