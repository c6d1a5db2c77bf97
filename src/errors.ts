/**
 * Errors are sorted by what the caller must do, not by where they arose. Anything else that is thrown is a
 * bug and is not caught. Nobody decides by the message: facts stand in fields.
 */

/** Settings or usage are wrong. Nothing was started. The caller prints every problem and exits with 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** A fault that may pass by itself: the caller tries again, within a budget of attempts. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  /** HTTP status of the answer, when there was one. */
  readonly status: number | null;
  /** How long the vendor asked us to wait, in milliseconds, when it said so. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    facts: { status?: number; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.status = facts.status ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }
}

/** This source cannot go on (wrong key, refused request). The caller stops it, says so, and keeps the others. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly status: number | null;
  /** What the vendor said of it, as it may be told; it stands in the message, too. */
  readonly words: string | null;

  constructor(message: string, facts: { status?: number; words?: string | null; cause?: unknown } = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.status = facts.status ?? null;
    this.words = facts.words ?? null;
  }
}

/**
 * The key may not do one thing, and may do others. The caller leaves that out, does the rest, and ends with this error,
 * so that the status says what is missing.
 */
export class PartRefusedError extends SourceError {
  readonly part: 'list' | 'transcript';

  constructor(
    part: 'list' | 'transcript',
    message: string,
    facts: { status?: number; words?: string | null } = {},
  ) {
    super(message, facts);
    this.part = part;
  }
}

/** The vendor refused a cursor. The caller restarts the window that it belongs to. */
export class CursorRefusedError extends Error {
  override readonly name = 'CursorRefusedError';
}

/**
 * An order for a call was sent, and what became of it is not known: the call may be ringing. The caller looks for it and
 * never sends the order again.
 */
export class PlacementUnknownError extends Error {
  override readonly name = 'PlacementUnknownError';
}

/** One record cannot be read. The caller sets it aside as a dead letter and goes on with the page. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  /** Where in the record, such as `call_cost.total_cost`. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.path = path;
  }
}

/** The budget leaves no request for work that can wait. The caller does what is urgent, and comes back. */
export class BudgetSpentError extends Error {
  override readonly name = 'BudgetSpentError';
  /** When there is room again, in milliseconds from now. */
  readonly waitMs: number;

  constructor(waitMs: number) {
    super(`the request budget is spent for ${waitMs} ms`);
    this.waitMs = waitMs;
  }
}

/** Another worker took the lease over. The caller stops writing at once and leaves the source alone. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/**
 * An error that nobody foresaw, in words that can be stored and shown: what it is and where it arose, and never its
 * message, which may hold what the vendor sent.
 */
export function nameFault(error: unknown): string {
  if (!(error instanceof Error))
    return `callhouse broke: something was thrown that is no error (${typeof error})`;
  const { code } = error as { code?: unknown };
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
  if (sqlState !== null) return `the database refused a statement (SQLSTATE ${sqlState})${placeOf(error)}`;
  return `callhouse broke: ${error.name}${placeOf(error)}`;
}

/** The first line of its stack that lies in our own code. */
function placeOf({ stack }: Error): string {
  const place = /\/((?:src|dist)\/[\w/-]+\.[jt]s:\d+)/.exec(
    stack?.replace(/[^\n]*node_modules[^\n]*\n/g, '') ?? '',
  );
  return place ? ` at ${place[1]}` : '';
}
