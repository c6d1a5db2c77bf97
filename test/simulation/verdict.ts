import { checkBudget } from './checks/budget.ts';
import { checkContent } from './checks/content.ts';
import { checkFencing } from './checks/fencing.ts';
import { checkHistory } from './checks/history.ts';
import { checkPlacement } from './checks/placement.ts';
import { checkRequests } from './checks/requests.ts';
import { checkSettlement } from './checks/settlement.ts';
import { checkStructure } from './checks/structure.ts';
import type { Play } from './play.ts';
import { readStoredCalls, type StoredCall } from './stored-calls.ts';

/** Something that is not as it must be. */
export interface Complaint {
  check: string;
  message: string;
}

/** A rule that must hold when the world has come to rest. Gives what breaks it, naming calls and values. */
type Check = (play: Play, stored: ReadonlyMap<string, StoredCall>) => string[] | Promise<string[]>;

/** Every rule by its name. */
const CHECKS: Readonly<Record<string, Check>> = {
  rest: ({ chronicle }) =>
    chronicle.unrest === null ? [] : [`the warehouse did not come to rest ${chronicle.unrest}`],
  passes: ({ chronicle }) =>
    chronicle.broken.map((what) => `a pass threw what is neither a fault nor a result: ${what}`),
  'content before all is read again': ({ chronicle }) => chronicle.early,
  content: checkContent,
  payloads: ({ chronicle }) =>
    chronicle.damaged.map((callId) => `the rows of ${callId} are not what its stored payloads say`),
  settlement: checkSettlement,
  placement: checkPlacement,
  structure: checkStructure,
  budget: checkBudget,
  requests: checkRequests,
  fencing: checkFencing,
  history: checkHistory,
};

const COMPLAINTS_MAX = 5;
const LENGTH_MAX = 600;

/** Judges a story that has been played. Of each check only the first few complaints are told. */
export async function judge(play: Play): Promise<Complaint[]> {
  const stored = await readStoredCalls(play.server.admin);
  const complaints: Complaint[] = [];
  for (const [check, run] of Object.entries(CHECKS)) {
    const messages = await run(play, stored);
    const shown = messages.slice(0, COMPLAINTS_MAX).map((text) => text.slice(0, LENGTH_MAX));
    if (messages.length > shown.length) shown.push(`and ${messages.length - shown.length} more`);
    complaints.push(...shown.map((message) => ({ check, message })));
  }
  return complaints;
}
