import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { check } from '../src/commands/check.ts';
import type { CommandContext } from '../src/commands/command.ts';
import { createConsole } from '../src/commands/console.ts';
import { openSources } from '../src/commands/open-sources.ts';
import { plan } from '../src/commands/plan.ts';
import { resync } from '../src/commands/resync.ts';
import { sync } from '../src/commands/sync.ts';
import { verifyCommand } from '../src/commands/verify.ts';
import { readSettings } from '../src/config/settings.ts';
import { openDatabase } from '../src/database/database.ts';
import { createHttpTransport } from '../src/http/transport.ts';
import { createLogger } from '../src/log.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/server.ts';
import { syncSource } from '../src/sync/sync-source.ts';
import { useTestDatabase } from './support/database.ts';

/** A call rings at somebody's and costs money. Nothing but `callhouse place` may start one: by its text, and by what it does. */

interface File {
  path: string;
  text: string;
}

const PLACES = 'sources/vox/place.ts';
/** Its list takes a filter in a body. */
const LISTS_BY_POST = /^sources\/voicy\//;

function* nodes(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) if (!ts.isJSDoc(child)) yield* nodes(child);
}

function nodesOf({ path, text }: File): ts.Node[] {
  return [...nodes(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))];
}

/** Every way around, as one line. */
function waysAround(files: readonly File[]): string[] {
  const found = files.flatMap((file) => {
    const all = nodesOf(file);
    return [
      ...writes(file, all),
      ...placeCalls(file, all),
      ...imports(file, all),
      ...(LISTS_BY_POST.test(file.path) ? otherPosts(file, all) : []),
    ];
  });
  const posts = files
    .filter(({ path }) => LISTS_BY_POST.test(path))
    .flatMap(nodesOf)
    .filter(isPostWord);
  return posts.length > 1 ? [...found, 'a list is sent as POST in more than one place'] : found;
}

/** Methods that change something, as values; a type names them and sends nothing. */
function isMethod(node: ts.Node): node is ts.StringLiteralLike {
  return (
    ts.isStringLiteralLike(node) &&
    !ts.isLiteralTypeNode(node.parent) &&
    /^(POST|PUT|PATCH|DELETE)$/i.test(node.text)
  );
}

function isPostWord(node: ts.Node): boolean {
  return isMethod(node) && node.text === 'POST';
}

function writes({ path }: File, all: readonly ts.Node[]): string[] {
  return all
    .filter(isMethod)
    .filter(({ text }) => !(text === 'POST' && (path === PLACES || LISTS_BY_POST.test(path))))
    .map(({ text }) => `${path} has the method ${text}`);
}

function placeCalls({ path }: File, all: readonly ts.Node[]): string[] {
  if (path === 'commands/place.ts') return [];
  const reads = (node: ts.Node) =>
    (ts.isPropertyAccessExpression(node) && node.name.text === 'placeCall') ||
    (ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === 'placeCall') ||
    (ts.isStringLiteralLike(node) && node.text === 'placeCall');
  return all.filter(reads).map((node) => `${path} has ${node.getText()}`);
}

function imports({ path }: File, all: readonly ts.Node[]): string[] {
  const isWayOut = (node: ts.Node) =>
    (ts.isIdentifier(node) && /^(fetch|XMLHttpRequest|WebSocket)$/.test(node.text)) ||
    (ts.isStringLiteralLike(node) && /^(undici|(node:)?https?2?)$/.test(node.text));
  const isPlacing = (node: ts.Node) =>
    ts.isStringLiteralLike(node) && /^(\.|\.\.\/vox)\/place\.ts$/.test(node.text);
  return [
    ...(path === 'http/transport.ts' ? [] : all.filter(isWayOut)),
    ...(path.startsWith('sources/') && path !== 'sources/vox/source.ts' ? all.filter(isPlacing) : []),
  ].map((node) => `${path} has ${node.getText()}`);
}

function otherPosts({ path }: File, all: readonly ts.Node[]): string[] {
  return all
    .filter((node) => ts.isCallExpression(node) && node.expression.getText() === 'post')
    .filter((node) => ts.isCallExpression(node) && node.arguments[0]?.getText() !== "'/call-list'")
    .map((node) => `${path} has ${node.getText()}`);
}

const root = join(import.meta.dirname, '../src');
const files: File[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.startsWith('sandbox/'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

it('no other text can send it', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(waysAround(files)).toEqual([]);
  const placing = files.filter((file) => file.path === PLACES).flatMap(nodesOf);
  expect(placing.filter(isMethod)).toHaveLength(1);
});

it.each([
  ['sync/pass.ts', "const method = 'POST';", 'sync/pass.ts has the method POST'],
  ['sources/vox/source.ts', 'send({ method: `POST` });', 'has the method POST'],
  ['sources/vox/place.ts', "const method = 'DELETE';", 'has the method DELETE'],
  ['sync/pass.ts', 'await source.placeCall?.send(order, signal);', 'sync/pass.ts has source.placeCall'],
  ['sync/pass.ts', 'const { placeCall } = source;', 'sync/pass.ts has placeCall'],
  ['sync/pass.ts', 'const { placeCall: again } = source;', 'sync/pass.ts has placeCall: again'],
  ['sync/pass.ts', "source['placeCall'];", "sync/pass.ts has 'placeCall'"],
  ['sources/vox/query.ts', "import { createVoxPlacing } from './place.ts';", "has './place.ts'"],
  ['sources/voicy/source.ts', "send(post('/call-create', body));", "has post('/call-create', body)"],
  ['ops/alert.ts', "await fetch('https://vendor.invalid');", 'ops/alert.ts has fetch'],
  ['sources/vox/other.ts', "import { request } from 'undici';", "has 'undici'"],
])('the checker catches %s with %s', (path, text, complaint) => {
  expect(waysAround([{ path, text }]).join('\n')).toContain(complaint);
});

it('the checker lets types and comments be', () => {
  const text = "// POST\ninterface Request { method: 'GET' | 'POST' }\nconst source = { placeCall: null };";
  expect(waysAround([{ path: 'http/a.ts', text }])).toEqual([]);
});

const database = useTestDatabase();
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ pastCalls: 60, historyDays: 4, requestsPerSecond: 0, requestsPerMinute: 0 });
});
afterAll(() => sandbox.close());

it('sync, run, resync, verify, audits, plan and check send GET alone', async () => {
  const settings = readSettings({
    DATABASE_URL: database.url,
    VOX_API_KEY: 'sandbox-key',
    VOX_BASE_URL: sandbox.vox.baseUrl,
    VOX_REQUESTS_PER_SECOND: '5000',
    VOX_REQUESTS_PER_MINUTE: '300000',
  });
  const silent = { write: () => true } as unknown as NodeJS.WriteStream;
  const console = createConsole({ json: true, stdout: silent, stderr: silent, now: Date.now });
  const log = createLogger('silent');
  const { signal } = new AbortController();
  const context: CommandContext = { settings, console, log, signal };

  await check(context);
  await plan(context, { from: null, to: null, source: null });
  await sync(context, { untilSettled: false, timeoutMs: 1_000 });
  await runPass(context);
  const { rows } = await database.pool.query<{ call_id: string }>(
    'select call_id from callhouse.calls limit 5',
  );
  const everything = { from: Date.now() - 4 * 86_400_000, to: Date.now(), source: null };
  await resync(context, { callIds: rows.map(({ call_id }) => call_id), from: null, to: null, source: null });
  await resync(context, { callIds: [], ...everything });
  await database.pool.query('delete from callhouse.calls where call_id = $1', [rows[0]?.call_id]);
  await verifyCommand(context, { from: null, to: null, ids: true, repair: true });

  const { counts, entries } = sandbox.vox.requests;
  expect(counts).toMatchObject({ create: 0, other: 0 });
  expect(counts.list + counts.detail).toBeGreaterThan(60);
  expect(new Set(entries.map(({ method }) => method))).toEqual(new Set(['GET']));
  const audits = await database.pool.query('select from callhouse_sync.audits');
  expect(audits.rowCount).toBeGreaterThan(1);
});

/** A pass as the worker makes it. */
async function runPass({ settings, log, signal }: CommandContext): Promise<void> {
  const warehouse = openDatabase(database.url);
  const { transport, close } = createHttpTransport();
  const surroundings = { clock: systemClock, sharedNow: () => null, random: Math.random, transport, log };
  for (const synced of await openSources(settings, warehouse, surroundings)) {
    const { outcome } = await syncSource(synced, {
      command: 'run',
      only: 'everything',
      signal,
      until: Date.now() + 5_000,
      leaseWaitMs: 0,
    });
    expect(outcome).toBe('done');
  }
  await close();
  await warehouse.end();
}
