import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { canonicalJson, type Json, parseJson } from '../src/json.ts';
import { scrubPayload } from '../src/scrub.ts';
import { keepSecret, REDACTED, redactText } from '../src/secrets.ts';
import { HARMLESS_SENTENCES } from './fixtures/harmless-sentences.ts';

/** Scrubs JSON text, and gives the result as one spelling. */
function scrubbed(text: string): string {
  return canonicalJson(scrubPayload(parseJson(text)).payload);
}

// Holds invariant 19.
describe('a secret is recognized by its key, however it is written', () => {
  it.each([
    'Authorization',
    'proxy-authorization',
    'apiKey',
    'api_key',
    'API-KEY',
    'x-api-key',
    'X_Api_Key',
    'accessToken',
    'refresh_token',
    'id_token',
    'token',
    'clientSecret',
    'client_secret',
    'secret',
    'password',
    'Cookie',
    'set-cookie',
    'private_key',
  ])('%s', (key) => {
    const payload = { tools: [{ headers: { [key]: 'abc123' } }] };
    expect(scrubbed(JSON.stringify(payload))).toBe(
      canonicalJson({ tools: [{ headers: { [key]: REDACTED } }] }),
    );
  });

  it.each([
    ['{"token_count":5,"tokens":"7","secretary":"김비서","author":"이작가","keyboard":"k"}'],
    ['{"password":""}'],
    ['{"password":null}'],
    ['{"token":true}'],
  ])('%s holds none', (text) => {
    expect(scrubbed(text)).toBe(canonicalJson(parseJson(text)));
  });

  it.each([
    ['{"cookie":["session=abc123"]}', `{"cookie":["${REDACTED}"]}`],
    ['{"authorization":{"value":"abc123"}}', `{"authorization":{"value":"${REDACTED}"}}`],
    ['{"password":123456}', `{"password":"${REDACTED}"}`],
  ])('%s: also where its value is a list, an object or a number', (text, expected) => {
    expect(scrubbed(text)).toBe(expected);
  });
});

// Holds invariant 19.
describe('a secret is recognized by its value, in the middle of a text', () => {
  it.each([
    ['curl -H "Authorization: Bearer eyJhbGciOi.J9-_x/+=" x', `curl -H "Authorization: ${REDACTED}" x`],
    ['Basic dXNlcjpwYXNzd29yZA==', REDACTED],
    ['authorization: bearer eyJhbGciOiJIUzI1NiJ9', `authorization: ${REDACTED}`],
    ['{"k":"sk_live_abcdefgh12345678"}', `{"k":"${REDACTED}"}`],
    ['rk_test_ABCDEFGH99 and pk_live_ABCDEFGH99', `${REDACTED} and ${REDACTED}`],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(scrubPayload(text).payload).toBe(expected);
  });

  it.each([
    '고객님, 안녕하세요',
    'a bearer of news',
    'Bearer: none',
    'The Basic subscription costs 9,900 won',
    'Bearer certificates are not accepted',
    'It was about the basic subscription.',
    'a basic check-in/check-out question',
    '기본형(Basic membership)과 다릅니다',
    'task_live_abcdefgh123',
    '',
  ])('not in: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

// Holds invariant 19.
describe('what people say, and what a field counts, is never touched', () => {
  test('five hundred sentences in four languages, as speech, summary, variable, tool result and name', () => {
    expect(HARMLESS_SENTENCES).toHaveLength(500);
    expect(new Set(HARMLESS_SENTENCES).size).toBe(500);
    for (const said of HARMLESS_SENTENCES) {
      expect(redactText(said)).toBe(said);
      const record = {
        summary: said,
        transcript: [
          { role: 'user', content: said },
          { role: 'tool_call_result', content: JSON.stringify({ note: said, answer: [said] }) },
        ],
        dynamic_variables: { secret: said, 'a token': said, [said.slice(0, 20)]: said },
        data: [{ name: 'password', value: said }],
      };
      expect(scrubPayload(record)).toEqual({ payload: record, cleanedTexts: 0 });
    }
  });

  it.each([
    ['{"prompt_token":812}'],
    ['{"prompt_token":"812","completion_token":"1,024"}'],
    ['{"usage":{"total_token":3.5,"token":[1,2]}}'],
    ['{"has_password":"yes","secret":"none"}'],
    ['{"name":"token","value":"812"}'],
    ['{"name":"colour","value":"abc123"}'],
  ])('%s', (text) => {
    expect(scrubbed(text)).toBe(canonicalJson(parseJson(text)));
  });
});

// Holds invariant 19.
describe('a secret is recognized by its full form, in its place', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';
  const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----';
  it.each([
    ['a token of three parts', `see ${jwt}.`, `see ${REDACTED}.`],
    ['a key between its marks', `this: ${key}!`, `this: ${REDACTED}!`],
    ['a user and a password', 'https://anna:pa55@host.example/x', `https://${REDACTED}@host.example/x`],
    [
      'an account of a database',
      'postgresql://app:s3cret@db/x?sslmode=require',
      `postgresql://${REDACTED}@db/x?sslmode=require`,
    ],
    [
      'a parameter',
      'https://h.example/x?a=1&api_key=abcd1234#top',
      `https://h.example/x?a=1&api_key=${REDACTED}#top`,
    ],
    ['a member of JSON in a text', '{"api_key": "abcd1234", "n": 1}', `{"api_key": "${REDACTED}", "n": 1}`],
    ['and of JSON in JSON', '{\\"token\\":\\"abcd-1234\\"}', `{\\"token\\":\\"${REDACTED}\\"}`],
    ['a UUID that a bearer shows', 'Bearer 1c9d2a7e-5d1a-4a3e-9f57-6f2f9d1c7a10', REDACTED],
    ['a key of mixed letters', 'sk-proj-AbC123dEf456GhI789', REDACTED],
  ])('%s', (_, text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  test('a header that stands as a name and a value', () => {
    const headers = [
      { name: 'Authorization', value: 'Basic dXNlcjpwYXNz' },
      { key: 'X-Api-Key', value: 'abcd1234' },
      { name: 'Accept', value: 'application/json' },
    ];
    expect(scrubPayload({ headers }).payload).toEqual({
      headers: [
        { name: 'Authorization', value: REDACTED },
        { key: 'X-Api-Key', value: REDACTED },
        { name: 'Accept', value: 'application/json' },
      ],
    });
  });

  test('a key of our own, whatever it looks like', () => {
    const ours = 'seven-quiet-rivers';
    expect(redactText(`they echo ${ours}.`)).toBe(`they echo ${ours}.`);
    keepSecret(ours);
    expect(redactText(`they echo ${ours}.`)).toBe(`they echo ${REDACTED}.`);
    expect(scrubPayload({ [`k ${ours}`]: ours }).payload).toEqual({ [`k ${REDACTED}`]: REDACTED });
  });
});

// Where each of a million places looks at all that follow, this takes hours.
test.each([
  'eyJ-',
  'sk-',
  'a.',
  'a://',
  '-----BEGIN PRIVATE KEY-----',
  '\\\\',
  'bearer ',
  '"a":"',
  'Basic AA',
])('a text that was made to be slow is looked through: %s', (piece) => {
  const text = `:// ${piece.repeat(Math.ceil(1_000_000 / piece.length))}`;
  expect(redactText(text)).toBe(text);
});

describe('a link loses what signs it for a while, and nothing else', () => {
  it.each([
    ['https://r.invalid/a.mp3', 'https://r.invalid/a.mp3'],
    ['https://r.invalid/a.mp3?format=mp3&lang=es#t=5', 'https://r.invalid/a.mp3?format=mp3&lang=es#t=5'],
    ['https://r.invalid/a.mp3?X-Amz-Signature=ab&x=1', 'https://r.invalid/a.mp3?x=1'],
    ['https://r.invalid/a.mp3?X-Goog-Date=1#t=5', 'https://r.invalid/a.mp3#t=5'],
    ['https://r.invalid/a.mp3?Expires=1&Key-Pair-Id=K&Policy=p', 'https://r.invalid/a.mp3'],
    ['https://r.invalid/a.mp3?sv=2024&se=2026&sr=b&sp=r&sig=a%2Fb', 'https://r.invalid/a.mp3'],
    [
      'https://r.invalid/a.mp3?access_token=abc1&expires=5',
      `https://r.invalid/a.mp3?access_token=${REDACTED}`,
    ],
    ['https://r.invalid/a.mp3?name=token', 'https://r.invalid/a.mp3?name=token'],
    ['https://r.invalid/a?design=1&expires=soon&st=ok', 'https://r.invalid/a?design=1&expires=soon&st=ok'],
    ['https://r.invalid/token/sig.mp3', 'https://r.invalid/token/sig.mp3'],
    ['hear https://r.invalid/a.mp3?Signature=b1 and tell', 'hear https://r.invalid/a.mp3 and tell'],
    ['a path', 'a path'],
  ])('%s', (link, stored) => {
    expect(redactText(link)).toBe(stored);
    expect(redactText(stored)).toBe(stored);
  });
});

describe('what PostgreSQL refuses in text becomes U+FFFD', () => {
  it.each([
    ['U+0000', 'a\u0000b', 'a\uFFFDb', 1],
    ['a high surrogate at the end', '끝\uD83D', '끝\uFFFD', 1],
    ['a low surrogate at the start', '\uDE00x', '\uFFFDx', 1],
    ['two in the wrong order', '\uDE00\uD83D', '\uFFFD\uFFFD', 1],
    ['a pair', '😀', '😀', 0],
    ['a pair beside a lone one', '😀\uD83D😀', '😀\uFFFD😀', 1],
    ['Korean', '가나다', '가나다', 0],
    ['a written escape', '\\u0000', '\\u0000', 0],
  ])('%s', (_, text, clean, count) => {
    expect(scrubPayload(text)).toEqual({ payload: clean, cleanedTexts: count });
  });

  test('in keys too, at any depth, and every text is counted', () => {
    const { payload, cleanedTexts } = scrubPayload({ 'k\u0000': [{ '\uD83D': 'v\u0000\u0000' }, 'w\uDE00'] });
    expect(payload).toEqual({ 'k\uFFFD': [{ '\uFFFD': 'v\uFFFD\uFFFD' }, 'w\uFFFD'] });
    expect(cleanedTexts).toBe(4);
  });

  test('when it was written as an escape on the wire', () => {
    expect(scrubbed('{"content":"a\\u0000\\ud83d b"}')).toBe('{"content":"a\uFFFD\uFFFD b"}');
  });

  test('whatever the payload, every text of the result can be stored, and nothing else changes', () => {
    const text = fc.string({ unit: 'binary' });
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.constantFrom<Json>(null, true, 'a\u0000', '\uD800', '가'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (payload) => {
        const once = scrubPayload(payload);
        const written = JSON.stringify(once.payload);
        expect(written).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(scrubPayload(once.payload).payload).toEqual(once.payload);
      }),
    );
  });
});

test('numbers keep their digits', () => {
  expect(scrubbed('{"cost":200.10,"big":12345678901234567890}')).toBe(
    '{"big":12345678901234567890,"cost":200.10}',
  );
});

test('a number that jsonb cannot hold is kept as its text', () => {
  expect(scrubbed('{"n":[1e400,1e1000000]}')).toBe('{"n":[1e400,"1e1000000"]}');
});

test('a key __proto__ is stored like any other, and is not taken for fields of the record', () => {
  const { payload } = scrubPayload(parseJson('{"__proto__":{"id":"x"},"a":1}'));
  expect((payload as Record<string, unknown>).id).toBe(undefined);
  expect(canonicalJson(payload)).toBe('{"__proto__":{"id":"x"},"a":1}');
  expect(({} as Record<string, unknown>).id).toBe(undefined);
});

test('what was given is left as it was', () => {
  const given = { apiKey: 'abc', list: ['a\u0000'] };
  scrubPayload(given);
  expect(given).toEqual({ apiKey: 'abc', list: ['a\u0000'] });
});

describe('a payload of any shape is scrubbed to its ends', () => {
  const nested = (levels: number, inside: string) =>
    `${'{"a":'.repeat(levels)}${inside}${'}'.repeat(levels)}`;

  it.each([99, 103, 999, 1_001, 3_000, 100_000])('a field of %i levels', (levels) => {
    const record = `{"id":"x","metadata":${nested(levels, '{"apiKey":"sk1","said":"네"}')},"status":"ended"}`;
    const payload = scrubPayload(parseJson(record)).payload as Record<string, Json>;
    expect(payload).toMatchObject({ id: 'x', status: 'ended' });
    const isText = levels > 99;
    expect(typeof payload.metadata).toBe(isText ? 'string' : 'object');
    const spelled = canonicalJson(payload);
    expect(spelled).not.toContain('sk1');
    expect(spelled).toContain('네');
    expect(scrubPayload(payload).payload).toEqual(payload);
  });

  test('of an item of a list only the field that is too deep becomes text', () => {
    const items = `[{"role":"user","content":${nested(200, '1')}},{"role":"agent","content":"네"}]`;
    const read = (text: string) => scrubPayload(parseJson(text)).payload;
    const scrubbedItems = [
      { role: 'user', content: nested(200, '1') },
      { role: 'agent', content: '네' },
    ];
    expect(read(items)).toEqual(scrubbedItems);
    expect(read(`{"transcript":${items}}`)).toEqual({ transcript: scrubbedItems });
  });

  test('long lists, and objects of a million keys', () => {
    const items = Array.from({ length: 50_000 }, () => '{"token":"x"}').join(',');
    expect(scrubbed(`[${items}]`)).toBe(`[${Array(50_000).fill(`{"token":"${REDACTED}"}`).join(',')}]`);
    const keys = Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":${i}`).join(',');
    const { payload } = scrubPayload(parseJson(`{${keys}}`));
    expect(Object.keys(payload as object)).toHaveLength(1_000_000);
    expect(canonicalJson(payload)).toHaveLength(keys.length + 2);
  });
});
