import { describe, expect, it, test } from 'vitest';
import { refusal, refusalWithoutMessage } from '../../src/http/refusal.ts';
import { parseJson } from '../../src/json.ts';
import { answer, clientBench } from './client-bench.ts';

const NOTHING = 'no reason given';
const allowed = ['start_at_after', 'limit'];

describe('what a vendor refuses with is told shortly: code, fields, message', () => {
  it.each([
    // { error: { code, message, details } }
    [
      { error: { code: 'VALIDATION_ERROR', message: '잘못된 요청', details: {} } },
      'VALIDATION_ERROR; 잘못된 요청',
    ],
    [
      { error: { code: 'VALIDATION_ERROR', details: { allowed_query_parameters: allowed } } },
      'VALIDATION_ERROR; allowed query parameters: start_at_after, limit',
    ],
    [
      {
        error: { code: 'VALIDATION_ERROR', message: 'No', details: { field: 'limit', reason: 'too large' } },
      },
      'VALIDATION_ERROR; field limit; too large; No',
    ],
    [
      { error: { code: 'X', details: { allowed_query_parameters: [1, 'limit', null] } } },
      'X; allowed query parameters: limit',
    ],
    [{ error: { code: 5, details: [] } }, '5'],
    [{ error: '권한 없음' }, '권한 없음'],
    // { error } and { status, message }
    [{ error: 'Missing API key' }, 'Missing API key'],
    [{ status: 'error', message: 'Access denied' }, 'Access denied'],
    [{ error: '', message: 'Access denied' }, 'Access denied'],
    [{ error: 'invalid_token', error_description: 'It is too old' }, 'invalid_token; It is too old'],
    [{ error: 'Unauthorized', message: 'Unauthorized' }, 'Unauthorized'],
    [{ code: 'E10042', message: 'Plan is over' }, 'E10042; Plan is over'],
    [{ message: 5 }, NOTHING],
    // { status, error_code, message } and { detail }
    [
      { status: 'error', error_code: 'NOT_VALID_FIELD', message: 'That is no date' },
      'NOT_VALID_FIELD; That is no date',
    ],
    [
      { detail: [{ loc: ['query', 'limit'], msg: 'Lucía', type: 'less_than_equal', input: 'Lucía' }] },
      'query.limit: less_than_equal',
    ],
    [
      { detail: [{ loc: ['query', 'after'], type: 'uuid_parsing' }, {}, 5] },
      'query.after: uuid_parsing; ?: ?',
    ],
    [{ detail: 'Not Found' }, 'Not Found'],
    [{ detail: [] }, NOTHING],
    // { errors }, and problem details
    [{ errors: [{ code: 'BAD', message: 'No such filter' }, { code: 'OTHER' }] }, 'BAD; No such filter'],
    [{ errors: ['No such filter', 'Nor this'] }, 'No such filter'],
    [{ type: 'about:blank', title: 'Forbidden', status: 403, detail: 'Not yours' }, 'Not yours'],
    ['text', 'text'],
    [{}, NOTHING],
    [null, NOTHING],
    [[], NOTHING],
    [5, NOTHING],
  ])('%j', (json, text) => {
    expect(refusal(parseJson(JSON.stringify(json)))).toBe(text);
  });
});

// Holds invariant 19.
describe('a refusal is told without keys and without people', () => {
  it.each([
    [{ error: { code: 'X', details: { reason: 'Bearer abcdefgh12345678' } } }, 'X; [REDACTED]'],
    [{ error_code: 'Bearer abcdefgh12345678' }, '[REDACTED]'],
    [{ error: 'key voicy_sk_live_abcdefgh12345678 is revoked' }, 'key [REDACTED] is revoked'],
    [{ error: 'number +972 50-123-4567 is not assigned' }, 'number [NUMBER] is not assigned'],
    [{ code: '01012345678', message: 'kim@example.com is out' }, '[NUMBER]; [EMAIL] is out'],
    [{ code: 1012345678 }, '[NUMBER]'],
    [{ detail: [{ loc: ['body', '01012345678'], type: 'missing' }] }, 'body.[NUMBER]: missing'],
  ])('%j', (json, text) => {
    expect(refusal(parseJson(JSON.stringify(json)))).toBe(text);
  });

  test('and where what was sent was of a person, without its message', () => {
    const error = { code: 'X', message: 'Lucía is no number', details: { field: 'to_number' } };
    expect(refusalWithoutMessage({ error })).toBe('X; field to_number');
    expect(refusalWithoutMessage({ error: 'Lucía is no number' })).toBe(NOTHING);
  });
});

describe('a refusal of any length is told in a few words, its code first', () => {
  const long = 'x'.repeat(200_000);
  it.each([
    [{ error: { code: long } }, 80],
    [{ message: long }, 200],
    [{ code: 'X', message: long }, 'X; '.length + 200],
    [
      {
        error: {
          code: 'X',
          message: long,
          details: { field: long, reason: long, allowed_query_parameters: [long] },
        },
      },
      500,
    ],
    [{ detail: Array(10_000).fill({ loc: [long], type: long }) }, 200],
  ])('%#', (json, length) => {
    const words = refusal(json);
    expect(words.length).toBeLessThanOrEqual(length);
    expect(words).toMatch(/^x|^X; /);
  });
});

describe('the client tells it beside the status', () => {
  const body = '{"error":{"code":"NOPE","message":"call 01012345678 back"}}';
  it.each([
    [401, 'answered 401: the API key is not accepted; the vendor says: NOPE; call [NUMBER] back'],
    [403, 'answered 403: the API key is not accepted; the vendor says: NOPE; call [NUMBER] back'],
    [402, 'answered 402: NOPE; call [NUMBER] back'],
    [451, 'answered 451: NOPE; call [NUMBER] back'],
    [429, 'answered 429: NOPE; call [NUMBER] back'],
    [503, 'answered 503: NOPE; call [NUMBER] back'],
  ])('%i', async (status, words) => {
    const limits = { retry: { retries: 0, firstWaitMs: 1, waitMaxMs: 1 } };
    expect(await clientBench([answer(status, body)], limits).failure()).toMatchObject({
      message: `GET https://vendor.invalid/v3/calls ${words}`,
      status,
    });
  });
});
