import { formatDuration } from '../config/duration.ts';
import { keySettings } from '../sources/index.ts';
import { readStatus, type SourceStatus } from '../warehouse/status.ts';
import { type CommandContext, clock, withWarehouse } from './command.ts';
import { describeGaps } from './gap-words.ts';
import type { Warehouse } from './open-warehouse.ts';

/** `status`: how every source stands, and where the database is. Exit 1 when something is red. */
export function status(context: CommandContext): Promise<number> {
  const work = async ({ database, shownUrl: shown }: Warehouse) => {
    const sources = await readStatus(database, clock.now());
    const text = [`database  ${shown}`, ...sources.map((source) => describe(source, clock.now()))];
    if (sources.length === 0)
      text.push(`no source has been synced yet: set ${keySettings()} and run callhouse sync`);
    context.console.result({ database: shown, sources }, text.join('\n\n'));
    return sources.some(({ health }) => health === 'red') ? 1 : 0;
  };
  // Looking changes nothing, so that it is also for those who may only read.
  return withWarehouse(context, work, { patient: false, migrate: false });
}

function describe(source: SourceStatus, now: number): string {
  const lines: [string, string][] = [
    ['health', [source.health, ...source.reasons].join(' · ')],
    ['fresh to', ago(source.freshTo, now)],
    [
      'complete to',
      source.completeTo === null ? 'not yet: history is being read' : ago(source.completeTo, now),
    ],
    [
      'calls',
      `${source.calls} (${source.settled} settled, ${source.settling} settling, ${source.open} open` +
        `${source.expired ? `, ${source.expired} expired` : ''}${source.stuck ? `, ${source.stuck} stuck` : ''}` +
        `${source.missing ? `, ${source.missing} missing` : ''})`,
    ],
    ['gaps', describeGaps(source.gaps)],
    ['budget', `${budget(source)}${blocked(source)}`],
    ['audits', audits(source, now)],
    [
      'set aside',
      `${source.deadLetters} records, fields of ${source.partlyReadCalls} calls; ${source.driftKinds} kinds of drift`,
    ],
  ];
  for (const { stream, rows, total } of source.openWindows) {
    lines.push([
      'reading',
      `${stream}: ${rows}${total === null ? '' : ` of ${total}`} rows of the open window`,
    ]);
  }
  if (source.lease) lines.push(['worker', `${source.lease.holder} until ${source.lease.expiresAt}`]);
  if (source.lastError) lines.push(['last error', `${source.lastError} (${ago(source.lastErrorAt, now)})`]);
  return [
    `${source.source} (${source.vendor})`,
    ...lines.map(([name, value]) => `  ${name.padEnd(12)}${value}`),
  ].join('\n');
}

function audits({ auditedAt, auditDifferences }: SourceStatus, now: number): string {
  if (auditedAt === null) return 'none yet: a day is compared when it is over, or by callhouse verify';
  const differ = auditDifferences === 0 ? 'nothing differs' : `${auditDifferences} windows differ`;
  return `last ${ago(auditedAt, now)}, ${differ}`;
}

function budget({ budgetLeft }: SourceStatus): string {
  return budgetLeft === null
    ? 'not known yet: no worker has served this source'
    : `${budgetLeft} requests left in this minute`;
}

function blocked({ blockedUntil }: SourceStatus): string {
  return blockedUntil === null ? '' : `, silent until ${blockedUntil} because the vendor asked for it`;
}

function ago(at: string | null, now: number): string {
  if (at === null) return 'never';
  return `${at} (${formatDuration(Math.max(0, now - Date.parse(at)))} ago)`;
}
