import pg from 'pg';

/**
 * The script that people write first: a page, then each call by its id, one statement for each row, each in a
 * transaction of its own. No queue, no history of changes, no coverage, and numbers through doubles.
 */
interface NaiveJob {
  databaseUrl: string;
  vendorUrl: string;
}
export interface NaiveResult {
  seconds: number;
  calls: number;
  statements: number;
}
type Row = Record<string, unknown>;
interface Page {
  items: Call[];
  next_cursor: string | null;
}
interface Call {
  id: string;
  agent: { agent_id: string; agent_version: string };
  start_at: number;
  end_at: number;
  call_cost: { total_cost: string };
  call_analysis: { summary: string; user_sentiment: string; custom_analysis_data: Row[] };
  transcript: Row[];
  [field: string]: unknown;
}

const SEOUL_OFFSET_MS = 9 * 3_600_000;
const { databaseUrl, vendorUrl } = JSON.parse(process.argv[2] ?? '') as NaiveJob;
const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
let statements = 0;
let calls = 0;
const startedAt = performance.now();
let cursor: string | null = '';
while (cursor !== null) {
  const answer: Page = await get<Page>(`/calls?limit=100&cursor=${cursor}`);
  for (const item of answer.items) await storeCall(item, await get<Call>(`/calls/${item.id}`));
  calls += answer.items.length;
  cursor = answer.next_cursor;
}
const result: NaiveResult = { seconds: (performance.now() - startedAt) / 1_000, calls, statements };
await client.end();
process.send?.({ result });
process.disconnect?.();

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${vendorUrl}${path}`);
  return JSON.parse(await response.text()) as T;
}

async function storeCall(row: Call, call: Call): Promise<void> {
  const key = { source_id: 1, call_id: call.id };
  const now = new Date();
  const seen = { first_seen_at: now, changed_at: now, checked_at: now, settled_at: now };
  await upsert('callhouse.calls', ['source_id', 'call_id'], {
    ...key,
    ...seen,
    agent_id: call.agent.agent_id,
    agent_version: call.agent.agent_version,
    call_type: call.call_type,
    channel: 'phone',
    direction: 'outbound',
    status: 'ended',
    vendor_status: call.status,
    end_reason: call.disconnection_reason,
    from_number: call.from_number,
    to_number: call.to_number,
    started_at: new Date(call.start_at),
    ended_at: new Date(call.end_at),
    occurred_at: new Date(call.start_at),
    day: new Date(call.start_at + SEOUL_OFFSET_MS).toISOString().slice(0, 10),
    occurred_at_basis: 'started',
    duration_ms: call.end_at - call.start_at,
    recording_url: call.recording_url,
    opt_out: false,
    test_call: false,
    transcript_item_count: call.transcript.length,
    metadata: JSON.stringify(call.metadata),
    variables: JSON.stringify(call.dynamic_variables),
    settlement: 'settled',
    revision: 1,
  });
  const { total_cost: amount } = call.call_cost;
  const component = 'total';
  await upsert('callhouse.call_costs', ['source_id', 'call_id', 'component'], {
    ...key,
    component,
    amount,
    currency: 'KRW',
  });
  const { summary, user_sentiment: sentiment, custom_analysis_data: fields } = call.call_analysis;
  await upsert('callhouse.call_analyses', ['source_id', 'call_id'], { ...key, summary, sentiment });
  for (const [position, { name, type, value }] of fields.entries()) {
    const field = {
      origin: 'analysis',
      position,
      name,
      type,
      value: JSON.stringify(value),
      value_text: String(value),
    };
    await upsert('callhouse.call_extractions', ['source_id', 'call_id', 'origin', 'position'], {
      ...key,
      ...field,
    });
  }
  for (const [position, item] of call.transcript.entries()) {
    const { role, content = null, tool_call_id = null, name: tool_name = null } = item;
    const kind = tool_call_id === null ? 'speech' : 'tool_call';
    const turn = { position, role: tool_call_id === null ? role : 'tool', vendor_role: role, kind, content };
    const tool = { tool_call_id, tool_name, arguments: JSON.stringify(item.arguments ?? null) };
    await upsert('callhouse.transcript_items', ['source_id', 'call_id', 'position'], {
      ...key,
      ...turn,
      ...tool,
    });
  }
  for (const [kind, payload] of Object.entries({ list: row, detail: call })) {
    const stored = {
      kind,
      payload: JSON.stringify(payload),
      payload_hash: '',
      fetched_at: now,
      normalizer_version: 1,
    };
    await upsert('callhouse_sync.raw_payloads', ['source_id', 'call_id', 'kind'], { ...key, ...stored });
  }
}

async function upsert(table: string, keys: string[], row: Row): Promise<void> {
  const columns = Object.keys(row);
  const updates = columns
    .filter((column) => !keys.includes(column))
    .map((column) => `${column} = excluded.${column}`);
  statements += 1;
  await client.query(
    `insert into ${table} (${columns.join(', ')}) values (${columns.map((_, i) => `$${i + 1}`).join(', ')})
on conflict (${keys.join(', ')}) do update set ${updates.join(', ')}`,
    Object.values(row),
  );
}
