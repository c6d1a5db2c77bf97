import { describe, expect, it, test } from 'vitest';
import { parseJson, sha256 } from '../../src/json.ts';
import type { ListedCall } from '../../src/source.ts';
import { placeByNeighbours, preparePage, sliceByText } from '../../src/sync/prepare-page.ts';

const LASTING: ReadonlySet<string> = new Set();

function listed(callId: string | null, json = '{}', listedAt: number | null = null): ListedCall {
  return { callId, payloads: { list: parseJson(json) }, cleanedTexts: 0, listedAt };
}

describe('a record', () => {
  test('has a hash of each of its payloads, whatever the order of their keys', () => {
    const call = {
      ...listed('a'),
      payloads: { list: parseJson('{"b":1.0,"a":2}'), detail: parseJson('{"c":[]}') },
    };
    const [prepared] = preparePage([{ ...call, cleanedTexts: 3, listedAt: 7 }], null, LASTING);
    expect(prepared).toEqual({
      callId: 'a',
      hasId: true,
      payloads: call.payloads,
      hashes: { list: sha256('{"a":2,"b":1.0}'), detail: sha256('{"c":[]}') },
      texts: { list: '{"a":2,"b":1.0}', detail: '{"c":[]}' },
      textLength: '{"a":2,"b":1.0}'.length + '{"c":[]}'.length,
      cleanedTexts: 3,
      listedAt: 7,
    });
    const turned = preparePage(
      [{ ...call, payloads: { list: parseJson('{"a":2,"b":1.0}') } }],
      null,
      LASTING,
    );
    expect(turned[0]?.hashes.list).toBe(prepared?.hashes.list);
  });

  test('without an id is known by its content', () => {
    const [first, again, other] = ['{"x":1}', ' { "x" : 1 } ', '{"x":2}'].map(
      (json) => preparePage([listed(null, json)], null, LASTING)[0],
    );
    expect(first).toMatchObject({ hasId: false, callId: `sha256:${sha256('{"x":1}')}` });
    expect(again?.callId).toBe(first?.callId);
    expect(other?.callId).not.toBe(first?.callId);
  });
});

test('a link that is signed anew at each reading is no change, and one that is gone is', () => {
  const hashOf = (json: string) =>
    preparePage([listed('a', json)], null, new Set(['recording_url']))[0]?.hashes.list;
  const signed = hashOf('{"recording_url":"https://a.invalid/1?sig=1","x":1}');
  expect(hashOf('{"recording_url":"https://a.invalid/1?sig=2","x":1}')).toBe(signed);
  expect(hashOf('{"recording_url":null,"x":1}')).not.toBe(signed);
  expect(hashOf('{"recording_url":"https://a.invalid/1?sig=1","x":2}')).not.toBe(signed);
});

test('what is stored of a record is its hashed text, unless that leaves out what is worded anew', () => {
  const textOf = (json: string) =>
    preparePage([listed('a', json)], null, new Set(['recording_url']))[0]?.texts.list;
  expect(textOf('{"x":1,"recording_url":null}')).toBe('{"recording_url":null,"x":1}');
  expect(textOf('{"x":1,"recording_url":"https://a.invalid/1?sig=1"}')).toBe(undefined);
});

test('a call that comes twice on a page is one, as it was told last', () => {
  const page = [
    listed('a', '{"v":1}', 10),
    listed('b', '{}', 20),
    listed('a', '{"v":2}', 30),
    listed(null),
    listed(null),
  ];
  const prepared = preparePage(page, null, LASTING);
  expect(prepared.map(({ callId }) => callId)).toEqual(['a', 'b', `sha256:${sha256('{}')}`]);
  expect(prepared[0]).toMatchObject({ payloads: { list: parseJson('{"v":2}') }, listedAt: 30 });
});

test('an empty page is an empty page', () =>
  expect(preparePage([], { from: 0, to: 1 }, LASTING)).toEqual([]));

describe('a page in slices', () => {
  const ofLengths = (lengths: number[]) =>
    preparePage(
      lengths.map((length, i) => listed(String(i), `"${'x'.repeat(length - 2)}"`)),
      null,
      LASTING,
    );
  const slices = (lengths: number[], max: number) =>
    [...sliceByText(ofLengths(lengths), max)].map((slice) => slice.map(({ textLength }) => textLength));

  test('has all calls in their order, and no more text in a slice than is wanted at once', () =>
    expect(slices([40, 60, 1_000, 10, 10, 90], 100)).toEqual([[40, 60], [1_000], [10, 10], [90]]));

  test('is one slice when it is small, and none when it is empty', () => {
    expect(slices([10, 10, 10], 100)).toEqual([[10, 10, 10]]);
    expect(slices([], 100)).toEqual([]);
  });
});

describe('a record that shows no time happened about when its neighbours did', () => {
  const WINDOW = { from: 100, to: 900 };
  it.each<[string, (number | null)[], (number | null)[]]>([
    ['all show theirs', [3, 2, 1], [3, 2, 1]],
    ['one between two takes the one before', [5, null, 9], [5, 5, 9]],
    ['the first takes the next', [null, 9], [9, 9]],
    ['the last takes the one before', [5, null], [5, 5]],
    ['the nearest counts', [5, null, null, null, 9], [5, 5, 5, 9, 9]],
    ['none shows one: the end of the window', [null, null], [900, 900]],
    ['zero is a time', [0, null], [0, 0]],
    ['there is nobody', [], []],
  ])('%s', (_, times, placed) => {
    expect(placeByNeighbours(times, WINDOW)).toEqual(placed);
  });

  it.each([null, { from: 5, to: null }])(
    'none shows one and there is no end: nobody knows (%j)',
    (window) => {
      expect(placeByNeighbours([null], window)).toEqual([null]);
    },
  );
});
