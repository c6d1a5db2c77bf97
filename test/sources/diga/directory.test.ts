import { describe, expect, it, test } from 'vitest';
import { type Answer, bench, PHONE_ID, refused } from './fixtures.ts';

const agentRow = (id: string) =>
  `{"agent_id":"${id}","version_id":"v","name":"Recepción ${id}","mode":"free"}`;
const agent = (id: string) => ({ agentId: id, name: `Recepción ${id}`, type: 'free' });
const PHONE_ROW = `{"id":"${PHONE_ID}","number":"+34910123456","nickname":"Centralita","status":"assigned"}`;
const PHONE = { phoneId: PHONE_ID, number: '+34910123456', name: 'Centralita' };

const page = (rows: string, told = '"has_more":false') => `{"data":[${rows}],${told}}`;
const FORBIDDEN = refused(403, 'INTERNAL_SERVER_ERROR');

describe('agents and numbers', () => {
  test('are read page by page', async () => {
    const { directory, paths, urgencies, source } = bench(
      page(agentRow('a'), '"has_more":true,"last_id":"a"'),
      page(agentRow('b')),
      page(PHONE_ROW),
    );
    expect(await directory()).toEqual({ agents: [agent('a'), agent('b')], phones: [PHONE] });
    expect(paths).toEqual(['/v1/agent/?limit=100', '/v1/agent/?limit=100&after=a', '/v1/phone/?limit=100']);
    expect(new Set(urgencies)).toEqual(new Set(['live']));
    expect(source.requests.sent).toEqual({ list: 0, detail: 0, other: 3 });
  });

  it.each<[string, Answer]>([
    ['the key may not list them', FORBIDDEN],
    ['they cannot be listed', [405, '{}']],
    ['there is no such list', [404, '{"detail":"Not Found"}']],
    ['the request is refused', refused(400, 'NOT_VALID_FIELD')],
    ['the answer has another shape', '{"agents":[]}'],
  ])('are told as far as they can be read: %s', async (_, answer) => {
    expect(await bench(answer, page(PHONE_ROW)).directory()).toEqual({ agents: [], phones: [PHONE] });
    expect(await bench(page(agentRow('a')), answer).directory()).toEqual({
      agents: [agent('a')],
      phones: [],
    });
  });

  test('are null when the key may list neither', async () => {
    expect(await bench(FORBIDDEN, FORBIDDEN).directory()).toBe(null);
  });

  test('stop the source when the key is wrong', async () => {
    await expect(bench([401, '{}']).directory()).rejects.toMatchObject({ name: 'SourceError', status: 401 });
  });

  test('end with a cursor that repeats, or after a hundred pages', async () => {
    const same = page(agentRow('a'), '"has_more":true,"last_id":"a"');
    expect((await bench(same, same, page('')).directory())?.agents).toHaveLength(2);
    const endless = Array.from({ length: 100 }, (_, i) => page(agentRow(String(i)), '"has_more":true'));
    expect((await bench(...endless, page('')).directory())?.agents).toHaveLength(100);
  });

  test('that cannot be read are left out, and those without a name have none', async () => {
    const { directory } = bench(
      page(`{"name":"nadie"},5,${agentRow('a')},{"agent_id":"n","name":null}`),
      page(`{"id":"p","number":"sip:centralita"},{"id":"q","number":5},null`),
    );
    expect(await directory()).toEqual({
      agents: [agent('a'), { agentId: 'n', name: null, type: null }],
      phones: [{ phoneId: 'p', number: 'sip:centralita', name: null }],
    });
  });

  test('whose ids no index holds are left out', async () => {
    const [long, longest] = ['x'.repeat(201), 'x'.repeat(200)];
    const { directory } = bench(
      page(`${agentRow(long)},${agentRow(longest)}`),
      page(`{"id":"${long}"},{"id":"${longest}"}`),
    );
    expect(await directory()).toEqual({
      agents: [agent(longest)],
      phones: [{ phoneId: longest, number: null, name: null }],
    });
  });
});
