import { createHash } from 'node:crypto';
import { VENDOR_NAMES, type VendorName } from './vendors/vendor.ts';

/** What everybody did to the outside world, in order: its digest tells whether two runs were the same. */
export interface OperationLog {
  note(line: string): void;
  /** Keeps a text that chance has made, such as the key of a run, out of the lines from now on. */
  hide(text: string): void;
  /** Notes that an incident took place. */
  struck(incident: number, where: string): void;
  /** Where incidents struck. */
  readonly strikes: ReadonlyMap<number, string>;
  /** Requests (by vendor, and their number in its log) that were on their way while their process was stopped. */
  readonly heldUp: ReadonlyMap<VendorName, Set<number>>;
  /** Answers that were refusals, or no answers at all. */
  readonly spoiltAnswers: Record<VendorName, number>;
  /** A commit, with the token of the lease that its transaction was fenced with. */
  committed(who: { name: string; vendor: VendorName }, token: number | null): void;
  readonly commits: readonly Commit[];
  readonly length: number;
  digest(): string;
}

/** The leases of each source have tokens of their own. */
interface Commit {
  who: string;
  vendor: VendorName;
  token: number;
}

/** `tell` gets every line, for those who want to know what happened. */
export function createOperationLog(tell: (line: string) => void): OperationLog {
  const hash = createHash('sha256');
  const strikes = new Map<number, string>();
  const commits: Commit[] = [];
  let length = 0;
  let hidden = new Set<string>();
  const note = (told: string) => {
    let line = told;
    for (const text of hidden) line = line.replaceAll(text, '<run>');
    hash.update(`${line}\n`);
    length += 1;
    tell(line);
  };
  return {
    note,
    hide(text) {
      // A run that was over long ago is named no more; of several sources a slow one may be long about it.
      hidden = new Set([...[...hidden].slice(-63), text]);
    },
    struck(incident, where) {
      strikes.set(incident, where);
      note(`incident ${incident} at ${where}`);
    },
    committed({ name, vendor }, token) {
      if (token !== null) commits.push({ who: name, vendor, token });
    },
    strikes,
    heldUp: new Map(VENDOR_NAMES.map((name) => [name, new Set()])),
    spoiltAnswers: { vox: 0, voicy: 0, diga: 0 },
    commits,
    get length() {
      return length;
    },
    digest: () => hash.copy().digest('hex'),
  };
}
