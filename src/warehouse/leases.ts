import type { Instant } from '../call.ts';
import { type Sql, toMs, toTimestamp } from '../database/database.ts';
import { LeaseLostError } from '../errors.ts';

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
  /** Differs after every renewal and take-over. */
  renewal: string;
}

/** What a worker that waits for a lease has seen of it. Kept from try to try. */
export interface LeaseWatch {
  last: { renewal: string; since: Instant } | null;
}

export interface LeaseRequest {
  sourceId: number;
  holder: string;
  /** The shared time; null is the database's. */
  now: Instant | null;
  ttlMs: number;
  holderIsGone: (holder: string) => boolean;
  /** A renewal that was watched for longer than the lease lives: whatever its row says, nobody renews it. */
  unrenewed: string | null;
}

/**
 * Takes the lease of a source when it is free, expired, held by a process that `holderIsGone` knows to be dead, or
 * not renewed for as long as it lives. Otherwise gives who holds it. A row, not a session lock: it survives poolers
 * and shows who has it.
 */
export async function acquireLease(
  sql: Sql,
  { sourceId, holder, now, ttlMs, holderIsGone, unrenewed }: LeaseRequest,
): Promise<{ lease: Lease } | { heldBy: LeaseHolder }> {
  const current = await readLease(sql, sourceId);
  const gone = current !== null && holderIsGone(current.holder) ? current.holder : null;
  const { rows } = await sql.query<{ token: string }>(
    `insert into callhouse_sync.leases as l (source_id, holder, token, acquired_at, expires_at)
values ($1, $2, 1, coalesce($3::timestamptz, clock_timestamp()), coalesce($3::timestamptz, clock_timestamp()) + $4 * interval '1 millisecond')
on conflict (source_id) do update set holder = excluded.holder, token = l.token + 1,
  acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
where l.holder is null or l.expires_at is null or l.expires_at <= excluded.acquired_at or l.holder = $5
  or ${RENEWAL} = $6
returning token`,
    [sourceId, holder, toTimestamp(now), ttlMs, gone, unrenewed],
  );
  const row = rows[0];
  if (row) return { lease: { sourceId, holder, token: Number(row.token) } };
  const heldBy = await readLease(sql, sourceId);
  return { heldBy: heldBy ?? { holder: 'a worker that has just let go', expiresAt: now ?? 0, renewal: '' } };
}

const RENEWAL = `l.token || ' ' || extract(epoch from l.expires_at)`;

/**
 * Notes what was seen of a lease that another has. Gives the renewal once it has stood still for longer than a lease
 * lives: its holder is gone, or somebody wrote into the row, and it may be taken over.
 */
export function watchLease(
  watch: LeaseWatch,
  heldBy: LeaseHolder,
  now: Instant,
  ttlMs: number,
): string | null {
  const { last } = watch;
  if (last === null || last.renewal !== heldBy.renewal || now < last.since) {
    watch.last = { renewal: heldBy.renewal, since: now };
    return null;
  }
  return now - last.since > ttlMs ? heldBy.renewal : null;
}

/** Who holds the lease of a source. */
export async function readLease(sql: Sql, sourceId: number): Promise<LeaseHolder | null> {
  const { rows } = await sql.query<{ holder: string; expires_at: Date; renewal: string }>(
    // Written by hand, the row may say anything: no instant that JavaScript cannot hold.
    `select l.holder, ${RENEWAL} as renewal,
  least(greatest(coalesce(l.expires_at, 'epoch'), 'epoch'), '9999-01-01')::timestamptz as expires_at
from callhouse_sync.leases l where l.source_id = $1 and l.holder is not null`,
    [sourceId],
  );
  const row = rows[0];
  return row ? { holder: row.holder, expiresAt: toMs(row.expires_at), renewal: row.renewal } : null;
}

/**
 * The fence: the first statement of every writing transaction. Renews the lease and holds its row to the end of
 * the transaction, so that writers of one source come one after the other. @throws LeaseLostError
 */
export async function fence(sql: Sql, lease: Lease, now: Instant | null, ttlMs: number): Promise<void> {
  const result = await sql.query({
    name: 'fence',
    text: `update callhouse_sync.leases
set expires_at = coalesce($4::timestamptz, clock_timestamp()) + $5 * interval '1 millisecond'
where source_id = $1 and holder = $2 and token = $3`,
    values: [lease.sourceId, lease.holder, lease.token, toTimestamp(now), ttlMs],
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
