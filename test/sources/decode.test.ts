import { describe, expect, it, test } from 'vitest';
import { RecordError } from '../../src/errors.ts';
import { type JsonObject, parseJson } from '../../src/json.ts';
import {
  decode,
  looseRecord,
  maybeBoolean,
  maybeJsonObject,
  maybeText,
  maybeWord,
  sameId,
  usableId,
} from '../../src/sources/decode.ts';

const inner = looseRecord({ word: maybeWord, flag: maybeBoolean });
const shape = looseRecord({
  text: maybeText,
  flag: maybeBoolean,
  object: maybeJsonObject,
  inner: inner.nullish(),
});
const UUID = '3f0b6c1e-8f3d-4c55-9a51-0c7f3a1d2b44';

describe('a record is read field by field', () => {
  test('what can be read, and what more there is', () => {
    const record = {
      text: 'a',
      flag: 'true',
      object: { b: 1 },
      inner: { word: 'c', flag: false },
      more: [1],
    };
    expect(decode(shape, record)).toEqual({ value: { ...record, flag: true }, unread: [] });
  });

  test('what is missing, null or an empty text is null', () => {
    for (const nothing of [
      {},
      { text: null, flag: null, object: null },
      { text: '', flag: '', object: '' },
    ]) {
      expect(decode(shape, nothing)).toEqual({ value: { text: null, flag: null, object: null }, unread: [] });
    }
  });

  test('what cannot be read is null and told as it was sent, and the rest is read', () => {
    const record = parseJson(
      '{"text":1.50,"flag":"yes","object":[],"inner":{"word":5,"flag":true},"more":1}',
    );
    const { value, unread } = decode(shape, record);
    expect(value).toEqual({
      text: null,
      flag: null,
      object: null,
      inner: { word: null, flag: true },
      more: 1,
    });
    expect(unread.map(({ path, value: raw }) => [path, raw])).toEqual([
      ['text', (record as JsonObject).text],
      ['flag', 'yes'],
      ['object', []],
      ['inner.word', 5],
    ]);
  });

  test('its path begins with its place', () => {
    expect(decode(shape, { text: 5, inner: 'x' }, 'items.3').unread.map(({ path }) => path)).toEqual([
      'items.3.text',
      'items.3.inner',
    ]);
  });

  test('the record that was given is left as it was', () => {
    const record = { text: 5, inner: { word: {} } };
    decode(shape, record);
    expect(record).toEqual({ text: 5, inner: { word: {} } });
  });

  it.each(['null', '5', '1.50', '"x"', '[]', 'true'])('what is no record at all is refused: %s', (json) => {
    expect(() => decode(shape, parseJson(json))).toThrow(RecordError);
  });
});

describe('a word', () => {
  it.each([
    ['a', 'a'],
    [' a ', ' a '],
    ['가'.repeat(200), '가'.repeat(200)],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%#: is kept as it is', (told, word) => {
    expect(maybeWord.parse(told)).toBe(word);
  });

  it.each(['x'.repeat(201), 5, true, [], {}])('%#: or is none', (told) => {
    expect(maybeWord.safeParse(told).success).toBe(false);
  });
});

describe('an id', () => {
  it.each([
    ['a', 'a'],
    [' a', ' a'],
    ['Call-7', 'Call-7'],
    [UUID, UUID],
    [UUID.toUpperCase(), UUID],
    [`{${UUID.toUpperCase()}}`, `{${UUID.toUpperCase()}}`],
    [UUID.toUpperCase().replaceAll('-', ''), UUID.toUpperCase().replaceAll('-', '')],
    ['X'.repeat(200), 'X'.repeat(200)],
  ])('%s is usable', (told, id) => {
    expect(usableId(told)).toBe(id);
    expect(sameId(told)).toBe(id);
  });

  it.each([undefined, null, '', ' ', '\t\n', 5, true, [], {}, ['a'], 'x'.repeat(201)])(
    '%#: is not usable',
    (told) => {
      expect(usableId(told)).toBe(null);
    },
  );
});
