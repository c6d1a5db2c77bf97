import { ConfigError } from '../errors.ts';
import { asStored } from '../warehouse/reread.ts';
import { readAbsence, readLineages, readSourceNames } from '../warehouse/why.ts';
import { readCallIds } from './call-ids.ts';
import { type CommandContext, clock, withWarehouse } from './command.ts';
import type { Warehouse } from './open-warehouse.ts';
import { describeAbsence, describeLineage, explainStanding } from './why-words.ts';

export interface WhyCommand {
  callId: string;
  source: string | null;
}

/**
 * `why`: what a call is, why it stands where it stands, and what brought it there, from stored facts alone. Exit 1
 * when no call has this id.
 */
export function why(context: CommandContext, { callId: given, source }: WhyCommand): Promise<number> {
  const [asked, ...others] = readCallIds([given]);
  if (asked === undefined || others.length > 0) {
    throw new ConfigError([`'${given}' is not one id of a call`]);
  }
  const work = async ({ database }: Warehouse) => {
    const names = await readSourceNames(database);
    if (source !== null && !names.includes(source)) {
      throw new ConfigError([
        `--source ${source}: there is no such source; this warehouse has: ${names.join(', ') || 'none'}`,
      ]);
    }
    const now = clock.now();
    const [callId = asked] = await asStored(database, [asked]);
    const lineages = await readLineages(database, callId, source);
    if (lineages.length > 0) {
      const calls = lineages.map((lineage) => ({ ...lineage, ...explainStanding(lineage, now) }));
      const text = lineages.map((lineage) => describeLineage(lineage, now)).join('\n\n');
      context.console.result({ callId, found: true, calls }, text);
      return 0;
    }
    const absence = await readAbsence(database, callId, source);
    context.console.result({ callId, found: false, ...absence }, describeAbsence(callId, absence));
    return 1;
  };
  const forReaders = (warehouse: Warehouse) =>
    work(warehouse).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
      context.console.note('why reads the tables behind the views: ask for the role callhouse_pii_reader');
      return 1;
    });
  // Looking changes nothing, so that it is also for those who may only read.
  return withWarehouse(context, forReaders, { patient: false, migrate: false });
}

const INSUFFICIENT_PRIVILEGE = '42501';
