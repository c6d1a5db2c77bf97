import { checkBudget } from './checks/budget.ts';
import { checkBystanders } from './checks/bystanders.ts';
import { checkContent } from './checks/content.ts';
import { checkFencing } from './checks/fencing.ts';
import { checkHistory } from './checks/history.ts';
import { checkPlacement } from './checks/placement.ts';
import { checkRequests } from './checks/requests.ts';
import { checkRights } from './checks/rights.ts';
import { checkSettlement } from './checks/settlement.ts';
import { checkStructure } from './checks/structure.ts';
import { type Play, type Scene, scenesOf } from './play.ts';
import { readStoredCalls, type StoredCall } from './stored-calls.ts';

/** Something that is not as it must be. */
export interface Complaint {
  check: string;
  message: string;
}

/** A rule that must hold when the world has come to rest. Gives what breaks it, naming calls and values. */
type Check = (play: Play) => string[] | Promise<string[]>;

/** A rule that must hold for each vendor of a story. */
type VendorCheck = (scene: Scene, stored: ReadonlyMap<string, StoredCall>) => string[] | Promise<string[]>;

/** Every rule of the whole by its name. */
const CHECKS: Readonly<Record<string, Check>> = {
  rest: ({ chronicle }) => chronicle.unrest.map((why) => `the warehouse did not come to rest ${why}`),
  passes: ({ chronicle }) =>
    chronicle.broken.map((what) => `a pass threw what is neither a fault nor a result: ${what}`),
  'broken passes': ({ chronicle }) =>
    chronicle.unnoted.map((who) => `a pass of ${who} broke, and the source looks well`),
  coverage: ({ chronicle }) => chronicle.lacking,
  'content before all is read again': ({ chronicle }) => chronicle.early,
  payloads: ({ chronicle }) =>
    chronicle.damaged.map((callId) => `the rows of ${callId} are not what its stored payloads say`),
  structure: checkStructure,
  history: checkHistory,
};

/** Every rule of a vendor by its name. */
const VENDOR_CHECKS: Readonly<Record<string, VendorCheck>> = {
  content: checkContent,
  settlement: checkSettlement,
  placement: checkPlacement,
  budget: checkBudget,
  requests: checkRequests,
  fencing: checkFencing,
  rights: checkRights,
  bystanders: checkBystanders,
};

const COMPLAINTS_MAX = 5;
const LENGTH_MAX = 600;

/** Judges a story that has been played. Of each check only the first few complaints are told. */
export async function judge(play: Play): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  for (const [check, run] of Object.entries(CHECKS)) complaints.push(...told(check, await run(play)));
  for (const scene of scenesOf(play)) {
    const stored = await readStoredCalls(play.server.admin, scene.name);
    for (const [check, run] of Object.entries(VENDOR_CHECKS)) {
      complaints.push(...told(check, await run(scene, stored)));
    }
  }
  return complaints;
}

function told(check: string, messages: readonly string[]): Complaint[] {
  const shown = messages.slice(0, COMPLAINTS_MAX).map((text) => text.slice(0, LENGTH_MAX));
  if (messages.length > shown.length) shown.push(`and ${messages.length - shown.length} more`);
  return shown.map((message) => ({ check, message }));
}
