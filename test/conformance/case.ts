import type { Json, JsonObject } from '../../src/json.ts';
import type { RequestKind } from '../../src/sandbox/request-log.ts';
import type { Page } from '../../src/source.ts';
import type { AnyVendor } from '../support/vendors.ts';
import type { ConformanceBench } from './bench.ts';
import type { Row } from './rows.ts';

/** Where the suite has to reach into a vendor's answers. All of it is spelling: what must hold is said in the rows. */
export interface ConformanceCase {
  vendor: AnyVendor;
  /** The records of calls in an answer, in a list or alone. They are changed in place. */
  callsIn(path: string, answer: Json): JsonObject[];
  /** The items of a transcript in an answer, likewise. */
  itemsIn(path: string, answer: Json): JsonObject[];
  fields: {
    id: string;
    status: string;
    /** A word that decides a column, which is then `unknown`. The word itself is in `call_type`. */
    type: { name: string; column: 'channel' | 'direction' };
    /** An object of the operator's own. */
    variables: string;
    role: string;
    content: string;
  };
  /** A link to a recording; null where the vendor gives none. */
  recording: string | null;
  /** All that a record cannot do without. */
  needed: readonly string[];
  /** What tells of an end in half a century. */
  farEnd: Json;
  /** A value that no vendor's field of this name can have, and where the dead letter has to say that it is. */
  poison: { field: string; value: string; path: string };
  /** The documented fields of a call, and the columns that hold each of them, and that follow from it. */
  documented: Readonly<Record<string, { columns: string; follow?: string }>>;
  /** What a record tells of its cost when that is this amount; null where the vendor tells of no money. */
  cost: ((amount: string) => JsonObject) | null;
  /** What a key may be forbidden without the calls being lost, and what the error must name; null where there is none. */
  spared: readonly { kind: RequestKind; tells: RegExp | null }[];
  /** The rows that cannot be of this vendor, and why. The reason is a fact: it is checked instead of the row. */
  notOf: Partial<Record<Row, NotOf>>;
}

interface NotOf {
  reason: string;
  holds(bench: ConformanceBench): boolean | Promise<boolean>;
}

/** A page of the newest calls, as the source reads it. For reasons that are about pages. */
export function firstPage({ synced }: ConformanceBench): Promise<Page> {
  const query = {
    window: null,
    openOnly: false,
    order: 'newest_first',
    cursor: null,
    urgency: 'live',
  } as const;
  return synced.source.listCalls(query, () => undefined, new AbortController().signal);
}
