import { expect, it } from 'vitest';
import type { DigaCall } from '../../../src/sandbox/diga/call.ts';
import { expectDiga } from '../../support/truth-diga.ts';
import { startBench } from './bench.ts';

const CONTACT = { id: 'c', created_date: '2020-01-01T00:00:00Z', identifier: '+34600120001' } as const;

const OLD_CALL: DigaCall = {
  id: 'x',
  agent_id: 'a',
  status: 'transferred',
  type: 'inbound',
  contact: { ...CONTACT, contact_type: 'call' },
  created_date: '2026-01-01T10:00:00.000Z',
  recording_url: 'https://recordings.example/x.mp3?signature=1',
  start_time: '2026-01-01T10:00:01.250999',
  end_time: '2026-01-01T11:00:11.250+01:00',
  duration: 10,
  end_reason: null,
  phone_id: 'p',
  phone_number: '+34910001201',
  messages: [
    {
      message_id: 'm',
      created_date: '2026-01-01T10:00:02.000Z',
      role: 'ASSISTANT',
      content: 'Hola',
      tool_call: null,
    },
    {
      message_id: 'n',
      created_date: '2026-01-01T10:00:03.000Z',
      role: 'assistant',
      content: null,
      tool_call: { name: 'buscar', arguments: { id: 1 } },
    },
  ],
};

it('expects an older call in the columns of the warehouse', () => {
  const startedMs = Date.parse('2026-01-01T10:00:01.250Z');
  expect(expectDiga(OLD_CALL)).toMatchObject({
    agent_version: null,
    channel: 'phone',
    status: 'ended',
    vendor_status: 'transferred',
    from_number: '+34600120001',
    to_number: '+34910001201',
    started_ms: startedMs,
    ended_ms: startedMs + 10_000,
    duration_ms: 10_000,
    recording_url: 'https://recordings.example/x.mp3',
    variables: null,
    items: [
      {
        position: 0,
        role: 'agent',
        kind: 'speech',
        vendor_role: 'ASSISTANT',
        offset_ms: 750,
        tool_name: null,
      },
      { position: 1, role: 'tool', kind: 'tool_call', tool_name: 'buscar', arguments: { id: 1 } },
    ],
  });
});

it('expects an unanswered call, a browser and an open call as what they are', () => {
  const unanswered = { ...OLD_CALL, status: 'completed', start_time: null, type: 'outbound' } as const;
  expect(expectDiga(unanswered)).toMatchObject({
    status: 'not_connected',
    started_ms: null,
    from_number: '+34910001201',
    to_number: '+34600120001',
  });
  const web = { ...OLD_CALL, contact: { ...CONTACT, contact_type: 'web' }, phone_number: null } as const;
  expect(expectDiga(web)).toMatchObject({ channel: 'web', from_number: null, to_number: null });
  expect(expectDiga({ ...OLD_CALL, contact: null })).toMatchObject({ channel: 'unknown', from_number: null });
  expect(expectDiga({ ...OLD_CALL, status: 'in_queue' })).toMatchObject({ status: 'queued', items: [] });
});

it('finds a column value for every call of the sandbox', async () => {
  for (const call of await startBench({ pastCalls: 300, stuckShare: 0.1 }).truth()) {
    const row = expectDiga(call);
    expect(Object.values(row)).not.toContain(undefined);
    expect(JSON.stringify(row)).not.toContain('NaN');
    expect(Number.isSafeInteger(row.started_ms ?? 0)).toBe(true);
  }
});
