import type { Instant } from '../call.ts';
import { ConfigError } from '../errors.ts';
import type { SyncResult } from '../sync/sync-source.ts';
import { runUnderLease, type SyncedSource } from '../sync/sync-source.ts';
import { type Verified, verify } from '../sync/verify.ts';
import { differs } from '../warehouse/audits.ts';
import { type CommandContext, LEASE_WAIT_MS, withSources } from './command.ts';

export interface VerifyCommand {
  from: Instant | null;
  to: Instant | null;
  /** Compares every call by its id, whatever it costs. */
  ids: boolean;
  repair: boolean;
}

interface SourceVerdict {
  source: string;
  outcome: SyncResult['outcome'];
  error: string | null;
  verified: Verified | null;
}

/** `verify`: the warehouse against the vendor. Exit 1 when something differs that was not repaired. */
export function verifyCommand(context: CommandContext, command: VerifyCommand): Promise<number> {
  const { from, to, repair } = command;
  if (from !== null && to !== null && from >= to) throw new ConfigError(['--from must be before --to']);
  return withSources(context, async (_warehouse, sources) => {
    const verdicts = await Promise.all(sources.map((synced) => verifyOne(context, synced, command)));
    const text = verdicts.map((verdict) => describe(verdict, repair)).join('\n\n');
    context.console.result({ sources: verdicts }, text);
    return verdicts.every((verdict) => isFine(verdict, repair)) ? 0 : 1;
  });
}

async function verifyOne(
  { console, signal }: CommandContext,
  synced: SyncedSource,
  { from, to, ids, repair }: VerifyCommand,
): Promise<SourceVerdict> {
  const progress = console.progress(`${synced.source.name} windows`, 'windows');
  let verified: Verified | null = null;
  try {
    const run = { command: 'verify', signal, leaseWaitMs: LEASE_WAIT_MS };
    const { outcome, error } = await runUnderLease(synced, run, async (context) => {
      verified = await verify(context, { from, to, ids, heal: repair }, progress.update);
    });
    return { source: synced.source.name, outcome, error: error?.message ?? null, verified };
  } finally {
    progress.stop();
  }
}

function isFine({ outcome, verified }: SourceVerdict, repaired: boolean): boolean {
  if (outcome !== 'done' || verified === null || verified.unproved.length > 0) return false;
  return verified.gaps.length === 0 && (repaired || !differs(verified));
}

function describe({ source, outcome, error, verified }: SourceVerdict, repaired: boolean): string {
  if (verified === null) return `${source} ${outcome}: ${error ?? 'stopped before the end; start it again'}`;
  const { window, windows, vendorCalls, storedCalls, method, requests } = verified;
  const lines = [
    `${source}: ${day(window.from)} to ${day(window.to)}, ${windows} windows compared by ${method === 'ids' ? 'id' : 'count'} in ${requests} requests`,
    `  ${vendorCalls ?? 0} calls at the vendor, ${storedCalls} here`,
    ...named(verified.notStored, 'not here', repaired ? 'read again' : null),
    ...named(verified.notListed, 'no longer at the vendor', repaired ? 'kept, marked as missing' : null),
    ...named(verified.damaged, 'with rows that their payloads do not say', repaired ? 'mended' : null),
    ...named(verified.unreadable, 'with a payload that this version cannot read', null),
    ...partlyRead(verified),
    ...notProved(verified),
  ];
  if (!differs(verified)) lines.push(`  nothing ${verified.unproved.length > 0 ? 'else ' : ''}differs`);
  else if (!repaired)
    lines.push('  callhouse verify --repair mends this; callhouse_sync.audits names every call');
  return lines.join('\n');
}

function partlyRead({ partlyRead: calls }: Verified): string[] {
  if (calls === 0) return [];
  return [
    `  ${calls} stored without a field that could not be read; callhouse_sync.dead_letters names the fields`,
  ];
}

/** Where nothing can be said: lists that do not prove themselves whole, and time that is not covered. */
function notProved({ unproved, gaps }: Verified): string[] {
  const lines: string[] = [];
  if (unproved.length > 0) {
    lines.push(
      `  ${unproved.length} windows whose lists do not prove themselves whole: calls may be missing`,
    );
  }
  if (gaps.length > 0) lines.push(`  not covered: ${gaps.length} stretches; callhouse status names them`);
  return lines;
}

const IDS_SHOWN = 20;

function named(callIds: readonly string[], what: string, done: string | null): string[] {
  if (callIds.length === 0) return [];
  const shown = callIds.slice(0, IDS_SHOWN).join(' ');
  const more = callIds.length > IDS_SHOWN ? ` and ${callIds.length - IDS_SHOWN} more` : '';
  return [`  ${callIds.length} ${what}${done === null ? '' : ` (${done})`}: ${shown}${more}`];
}

function day(at: Instant): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
