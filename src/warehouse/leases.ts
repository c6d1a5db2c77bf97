import type { Instant } from '../call.ts';
import { LeaseLostError } from '../errors.ts';
import { type Sql, toMs, toTimestamp } from './database.ts';

/** The right to read one source, for as long as it is renewed. */
export interface Lease {
  sourceId: number;
  holder: string;
  /** Grows at each take-over, so that a worker that wakes up late can be told apart. */
  token: number;
}

export interface LeaseHolder {
  holder: string;
  expiresAt: Instant;
}

/**
 * Takes the lease of a source when it is free, expired, or held by a process that `holderIsGone` knows to be dead.
 * Otherwise gives who holds it. A row, not a session lock: it survives poolers and shows who has it.
 */
export async function acquireLease(
  sql: Sql,
  options: {
    sourceId: number;
    holder: string;
    now: Instant;
    ttlMs: number;
    holderIsGone: (holder: string) => boolean;
  },
): Promise<{ lease: Lease } | { heldBy: LeaseHolder }> {
  const { sourceId, holder, now, ttlMs } = options;
  const current = await readLease(sql, sourceId);
  const gone = current !== null && options.holderIsGone(current.holder) ? current.holder : null;
  const { rows } = await sql.query<{ token: string }>(
    `insert into callhouse_sync.leases as l (source_id, holder, token, acquired_at, expires_at)
values ($1, $2, 1, $3, $4)
on conflict (source_id) do update set holder = excluded.holder, token = l.token + 1,
  acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
where l.holder is null or l.expires_at <= $3 or l.holder = $5
returning token`,
    [sourceId, holder, toTimestamp(now), toTimestamp(now + ttlMs), gone],
  );
  const row = rows[0];
  if (row) return { lease: { sourceId, holder, token: Number(row.token) } };
  const heldBy = await readLease(sql, sourceId);
  return { heldBy: heldBy ?? { holder: 'a worker that has just let go', expiresAt: now } };
}

/** Who holds the lease of a source. */
export async function readLease(sql: Sql, sourceId: number): Promise<LeaseHolder | null> {
  const { rows } = await sql.query<{ holder: string; expires_at: Date }>(
    'select holder, expires_at from callhouse_sync.leases where source_id = $1 and holder is not null',
    [sourceId],
  );
  const row = rows[0];
  return row ? { holder: row.holder, expiresAt: toMs(row.expires_at) } : null;
}

/**
 * The fence: the first statement of every writing transaction. Renews the lease and holds its row to the end of
 * the transaction, so that writers of one source come one after the other. @throws LeaseLostError
 */
export async function fence(sql: Sql, lease: Lease, now: Instant, ttlMs: number): Promise<void> {
  const result = await sql.query({
    name: 'fence',
    text: `update callhouse_sync.leases set expires_at = $4
where source_id = $1 and holder = $2 and token = $3`,
    values: [lease.sourceId, lease.holder, lease.token, toTimestamp(now + ttlMs)],
  });
  if (result.rowCount !== 1) {
    throw new LeaseLostError(`lease ${lease.token} of ${lease.holder} was taken over by another worker`);
  }
}

/** Lets go. Nothing happens when the lease was lost. */
export async function releaseLease(sql: Sql, lease: Lease): Promise<void> {
  await sql.query(
    `update callhouse_sync.leases set holder = null, acquired_at = null, expires_at = null
where source_id = $1 and holder = $2 and token = $3`,
    [lease.sourceId, lease.holder, lease.token],
  );
}
