/**
 * A preload (`node --import ./at-step.js src/cli.js …`) that sends its own process a signal at a named step, so
 * that a test can kill or stop a real worker exactly where it wants to. The process under test knows nothing of it:
 * the steps are what pg sends and hears, and what undici tells of its requests.
 *
 * - `CRASH_STEP`: marks that must be passed in this order, joined by ` > `; the signal is sent at the last of them
 * - `CRASH_OCCURRENCE`: at which passing of the last mark, counted once the others were passed (default 1)
 * - `CRASH_SIGNAL`: `SIGKILL` (default) or `SIGSTOP`
 *
 * Marks of a statement are `before X` (not sent), `sent X` (not answered), `after X` (answered, and the process has
 * not been told). X is the statement's name; `STATEMENTS` names those that have none. A `commit` is named after its
 * transaction: `commit fenced`, `commit budget`. Marks of a request are `ask Y` (not sent), `body Y` (a piece of
 * the answer came) and `heard Y` (all of it; nothing has been made of it). Y is `history` (a list, newest first),
 * `list`, `detail` or `agents`.
 */
import { subscribe } from 'node:diagnostics_channel';
import pg from 'pg';

// biome-ignore lint/style/noProcessEnv: a preload has no other way to be told its step
const { CRASH_STEP = '', CRASH_OCCURRENCE = '1', CRASH_SIGNAL = 'SIGKILL' } = process.env;

const marks = CRASH_STEP === '' ? [] : CRASH_STEP.split(' > ');
const occurrence = Number(CRASH_OCCURRENCE);
let passed = 0;
let seen = 0;

/** Notes that a mark was passed; the one that completes the step sends the signal. It strikes before this returns. */
function pass(mark: string): void {
  if (passed >= marks.length || mark !== marks[passed]) return;
  const isLast = passed === marks.length - 1;
  if (isLast) seen += 1;
  if (isLast && seen < occurrence) return;
  passed += 1;
  if (isLast) process.kill(process.pid, CRASH_SIGNAL);
}

/** Names for statements that have none of their own, by how they begin. */
const STATEMENTS: readonly [start: RegExp, name: string][] = [
  [/^with changed as \(\s*insert into callhouse\.sources/, 'register source'],
  [/^insert into callhouse_sync\.leases/, 'take lease'],
  [/^update callhouse_sync\.leases set holder = null/, 'release lease'],
  [/^insert into callhouse_sync\.runs/, 'start run'],
  [/^update callhouse_sync\.runs set finished_at/, 'finish run'],
  [/^insert into callhouse_sync\.checkpoints as c \(source_id, stream, wanted/, 'want window'],
  [/^delete from callhouse_sync\.settlements where source_id/, 'dequeue settlements'],
  [/^create table "?callhouse"?\."?calls"?/i, 'create calls'],
  [/^insert into \W*callhouse_migrations/i, 'note migration'],
];

type Query = (this: object, ...args: unknown[]) => unknown;

const client = pg.Client.prototype as unknown as { query: Query };
const query = client.query;
/** What the open transaction of a connection is for. */
const purposes = new WeakMap<object, string>();

client.query = function (this: object, ...args: unknown[]): unknown {
  const name = nameOf(this, args[0]);
  if (name === null) return query.apply(this, args);
  pass(`before ${name}`);
  const tell = args.at(-1);
  if (isCallback(tell)) args.splice(-1, 1, answered(name, tell));
  const result = query.apply(this, args);
  pass(`sent ${name}`);
  if (!(result instanceof Promise)) return result;
  return result.then((value: unknown) => {
    pass(`after ${name}`);
    return value;
  });
};

type Callback = (...answer: unknown[]) => unknown;

function isCallback(last: unknown): last is Callback {
  return typeof last === 'function';
}

/** pg's pool listens with callbacks, error first. */
function answered(name: string, tell: Callback): Callback {
  return (...answer) => {
    if (!answer[0]) pass(`after ${name}`);
    return tell(...answer);
  };
}

/** The name of a statement, or null for one that no step is made of. */
function nameOf(connection: object, statement: unknown): string | null {
  const { name, text } = read(statement);
  if (text === 'begin') purposes.delete(connection);
  if (name === 'fence') purposes.set(connection, 'fenced');
  if (name === 'save budget') purposes.set(connection, 'budget');
  if (text === 'commit') return ['commit', purposes.get(connection) ?? []].flat().join(' ');
  if (text === 'begin') return text;
  return name ?? STATEMENTS.find(([start]) => start.test(text))?.[1] ?? null;
}

function read(statement: unknown): { name: string | null; text: string } {
  if (typeof statement === 'string') return { name: null, text: statement.trim() };
  const { name, text } = statement as { name?: string; text?: string };
  return { name: name ?? null, text: (text ?? '').trim() };
}

for (const [event, channel] of [
  ['ask', 'undici:request:create'],
  ['body', 'undici:request:bodyChunkReceived'],
  ['heard', 'undici:request:trailers'],
] as const) {
  subscribe(channel, (message) => {
    const { request } = message as { request: { path: string } };
    pass(`${event} ${kindOf(request.path)}`);
  });
}

function kindOf(path: string): string {
  if (/\/calls\?/.test(path)) return path.includes('sort_order=desc') ? 'history' : 'list';
  if (/\/calls\//.test(path)) return 'detail';
  return /\/agents/.test(path) ? 'agents' : 'other';
}
