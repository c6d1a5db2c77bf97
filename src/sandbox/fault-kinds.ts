import { z } from 'zod';

const Route = z.enum(['list', 'detail', 'messages', 'agents', 'create', 'any']);

/** When a fault strikes. */
const occasion = {
  /** Which requests it strikes; each kind has a default of its own. */
  route: Route.optional(),
  /** How many requests it strikes; null = every one until the faults are cleared. */
  times: z.int().positive().nullable().default(1),
  /** How many matching requests it lets pass first. */
  after: z.int().nonnegative().default(0),
};

/** Which row of a page is struck: this call wherever it turns up, else the row at this position. */
const victim = { callId: z.string().optional(), row: z.int().nonnegative().default(0) };

const RetryAfter = z.enum(['seconds', 'http-date', 'zero', 'none']);

/** Bad values that a row can carry. */
const Poison = z.enum([
  'id_missing',
  'id_number',
  'status_number',
  'status_missing',
  'agent_missing',
  'cost_word',
  'cost_number',
  'cost_exponent',
  'start_word',
  'start_absurd',
  'end_fraction',
  'end_far',
  'agent_long',
  'summary_number',
  'metadata_text',
  'metadata_deep',
  'row_null',
]);

const Rate = z.object({
  kind: z.literal('rate_limited'),
  ...occasion,
  retryAfter: RetryAfter.default('seconds'),
  retryAfterMs: z.int().nonnegative().default(1_000),
});
const ServerError = z.object({
  kind: z.literal('server_error'),
  ...occasion,
  status: z.int().min(500).max(599).default(500),
});
const Redirect = z.object({
  kind: z.literal('redirect'),
  ...occasion,
  location: z.string().default('/moved'),
});
const Slow = z.object({ kind: z.literal('slow'), ...occasion, delayMs: z.int().nonnegative() });
const HugeBody = z.object({
  kind: z.literal('huge_body'),
  ...occasion,
  bytes: z
    .int()
    .positive()
    .default(64 * 1024 * 1024),
});
const RepeatedCursor = z.object({
  kind: z.literal('repeated_cursor'),
  ...occasion,
  /** `sent`: the cursor just sent comes back. `first`: the first cursor that was ever sent comes back, a long cycle. */
  cursor: z.enum(['sent', 'first']).default('sent'),
});
const PoisonRow = z.object({ kind: z.literal('poison_row'), ...occasion, ...victim, poison: Poison });
const UnknownStatus = z.object({
  kind: z.literal('unknown_status'),
  ...occasion,
  ...victim,
  status: z.string().default('registered'),
});
const NulText = z.object({ kind: z.literal('nul_text'), ...occasion, ...victim });
const TotalCountWrong = z.object({
  kind: z.literal('total_count_wrong'),
  ...occasion,
  totalCount: z.int().default(0),
});

/** Kinds without a parameter of their own. */
const Plain = z.object({
  kind: z.enum([
    'unauthorized',
    'html',
    'truncated',
    'empty_body',
    'hang',
    'hang_body',
    'reset',
    'empty_page',
    'empty_end',
    'cursor_refused',
    'duplicate_rows',
    'unknown_field',
  ]),
  ...occasion,
});

/** Changes of the vendor's world. They hold from the moment they are set until the faults are cleared. */
const Deleted = z.object({ kind: z.literal('deleted'), callId: z.string() });
const Retention = z.object({ kind: z.literal('retention'), callId: z.string() });
const VendorSeesLate = z.object({
  kind: z.literal('vendor_sees_late'),
  share: z.number().min(0).max(1),
  delayMs: z.int().positive(),
});

/** Lists that do not tell all that they should, or something else than they were asked for. */
const ListLies = z.object({
  kind: z.literal('list_lies'),
  lie: z.enum([
    /** Lists end after `n` rows, whatever they count. */
    'rows_capped',
    /** Pages have `n` rows, and no other page follows. */
    'page_capped',
    /** The `n` oldest calls, whatever time is asked for. */
    'filter_ignored',
    /** The `n` newest calls, whatever time is asked for. */
    'newest_only',
    /** Each page but the first leaves `n` rows out. */
    'pages_shift',
    /** Cursors beyond `n` pages are refused. */
    'cursor_depth',
    /** The filter by status is not kept. */
    'status_ignored',
  ]),
  n: z.int().nonnegative().default(0),
  /** Whether the total counts the rows that are shown, and not all that there are. */
  countsRows: z.boolean().default(false),
});
/** vox.ai: calls that never connected are added to every list, before all others or behind them. */
const UnplacedAdded = z.object({
  kind: z.literal('unplaced_added'),
  firstIn: z.enum(['asc', 'desc']).default('asc'),
});
/** The `Date` header of every nth answer is wrong. */
const DateWrong = z.object({
  kind: z.literal('date_wrong'),
  byMs: z.int(),
  everyNth: z.int().positive().default(1),
});

/** A fault as it is switched on. */
export const Fault = z.discriminatedUnion('kind', [
  Rate,
  ServerError,
  Redirect,
  Slow,
  HugeBody,
  RepeatedCursor,
  PoisonRow,
  UnknownStatus,
  NulText,
  TotalCountWrong,
  Plain,
  Deleted,
  Retention,
  VendorSeesLate,
  ListLies,
  UnplacedAdded,
  DateWrong,
]);

/** A fault as it is switched on, with its defaults left out. */
export type FaultInput = z.input<typeof Fault>;
/** A change of the world. */
export type StandingFault = z.infer<
  | typeof Deleted
  | typeof Retention
  | typeof VendorSeesLate
  | typeof ListLies
  | typeof UnplacedAdded
  | typeof DateWrong
>;
export type ListLie = z.infer<typeof ListLies>;
/** A fault that strikes single requests. */
export type RequestFault = Exclude<z.infer<typeof Fault>, StandingFault>;
/** The fault of one kind. */
export type FaultOf<Kind extends RequestFault['kind']> = Extract<RequestFault, { kind: Kind }>;
