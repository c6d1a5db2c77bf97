import { createServer } from 'node:http';
import { callId, detail, type History, listRow, numberOf, SPACING_MS } from './calls.ts';

/**
 * vox.ai in a process of its own, so that its cost is not the engine's. What can be prepared is prepared before it
 * listens; a history too large for that is written as it is asked for, from templates.
 */
export interface VendorJob extends History {
  /** Keeps every answer ready as text. */
  prepared: boolean;
}

const PAGE = 100;
const job = JSON.parse(process.argv[2] ?? '') as VendorJob;
const numbers = job.prepared ? Array.from({ length: job.calls }, (_, number) => number) : [];
const rows = numbers.map((number) => JSON.stringify(listRow(number, job)));
const details = numbers.map((number) => Buffer.from(JSON.stringify(detail(number, job))));
let isAsked = false;

const server = createServer((request, response) => {
  if (!isAsked) process.send?.({ firstRequestAt: Date.now() });
  isAsked = true;
  const url = new URL(request.url ?? '/', 'http://vendor');
  const body = answer(url);
  response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' });
  response.end(body ?? '{}');
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the vendor has no port');
  process.send?.({ url: `http://127.0.0.1:${address.port}` });
});

function answer({ pathname, searchParams }: URL): string | Buffer | null {
  if (pathname === '/agents') return '{"items":[],"next_cursor":null}';
  if (pathname === '/calls') return page(searchParams);
  const number = numberOf(pathname.slice('/calls/'.length));
  if (callId(number) !== pathname.slice('/calls/'.length) || number >= job.calls) return null;
  return details[number] ?? Buffer.from(JSON.stringify(detail(number, job)));
}

/** A page of the calls between the bounds, both included. The cursor is how many of them came before. */
function page(query: URLSearchParams): string {
  if (query.has('status')) return '{"items":[],"next_cursor":null,"total_count":0}';
  const after = Number(query.get('start_at_after') ?? Number.NEGATIVE_INFINITY);
  const before = Number(query.get('start_at_before') ?? Number.POSITIVE_INFINITY);
  const newest = Math.max(0, Math.ceil((job.newestMs - before) / SPACING_MS));
  const oldest = Math.min(job.calls - 1, Math.floor((job.newestMs - after) / SPACING_MS));
  const total = Math.max(0, oldest - newest + 1);
  const from = Number(query.get('cursor') ?? 0);
  const to = Math.min(total, from + PAGE);
  const items: string[] = [];
  for (let place = from; place < to; place += 1) {
    const number = query.get('sort_order') === 'asc' ? oldest - place : newest + place;
    items.push(rows[number] ?? JSON.stringify(listRow(number, job)));
  }
  const next = to < total ? `"${to}"` : 'null';
  return `{"items":[${items.join(',')}],"next_cursor":${next},"total_count":${total}}`;
}
