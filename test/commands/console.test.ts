import { PassThrough } from 'node:stream';
import { describe, expect, it, test } from 'vitest';
import { createConsole, table } from '../../src/commands/console.ts';

/** A console that writes into texts, on a clock that stands still until it is moved. */
function bench(options: { json?: boolean; tty?: boolean } = {}) {
  const written = { stdout: '', stderr: '' };
  const stream = (to: keyof typeof written) => {
    const through = new PassThrough();
    through.on('data', (chunk: Buffer) => {
      written[to] += chunk.toString();
    });
    return Object.assign(through, {
      isTTY: options.tty ?? false,
      columns: 80,
    }) as unknown as NodeJS.WriteStream;
  };
  const clock = { nowMs: 0 };
  const console = createConsole({
    json: options.json ?? false,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    now: () => clock.nowMs,
  });
  return { console, written, clock };
}

describe('a result', () => {
  test('is text for a person', () => {
    const { console, written } = bench();
    console.result({ calls: 5 }, '통화 5건');
    expect(written).toEqual({ stdout: '통화 5건\n', stderr: '' });
  });

  test('is one line of JSON for a program', () => {
    const { console, written } = bench({ json: true });
    console.result({ calls: 5, name: '김민준' }, '통화 5건');
    expect(written).toEqual({ stdout: '{"calls":5,"name":"김민준"}\n', stderr: '' });
    expect(console.json).toBe(true);
  });
});

test('a note goes to stderr, with JSON too, and has no credential in it', () => {
  const { console, written } = bench({ json: true });
  console.note('sent Bearer abcdefgh12345678');
  expect(written).toEqual({ stdout: '', stderr: 'sent [REDACTED]\n' });
});

describe('progress', () => {
  test('is a plain line every five seconds where there is no terminal', () => {
    const { console, written, clock } = bench();
    const progress = console.progress('backfill');
    progress.update(10, 100);
    clock.nowMs = 4_999;
    progress.update(20, 100);
    clock.nowMs = 5_000;
    progress.update(25, 100);
    progress.update(26, 100);
    clock.nowMs = 10_000;
    progress.update(50, 100);
    progress.stop();
    expect(written.stderr).toBe(
      'backfill: 25 of 100 calls, about 15s left\nbackfill: 50 of 100 calls, about 10s left\n',
    );
    expect(written.stdout).toBe('');
  });

  it.each<[string, number, number | null, string]>([
    ['how much there is', 7, null, 'live: 7 calls\n'],
    ['how fast it goes', 0, 100, 'live: 0 of 100 calls\n'],
    ['that the vendor counted too few', 120, 100, 'live: 120 of 100 calls, about 0ms left\n'],
  ])('is told without knowing %s', (_, done, total, line) => {
    const { console, written, clock } = bench();
    const progress = console.progress('live');
    clock.nowMs = 5_000;
    progress.update(done, total);
    expect(written.stderr).toBe(line);
  });

  test('is nothing at all with JSON', () => {
    const { console, written, clock } = bench({ json: true, tty: true });
    const progress = console.progress('live');
    clock.nowMs = 60_000;
    progress.update(5, 10);
    progress.stop();
    expect(written).toEqual({ stdout: '', stderr: '' });
  });
});

describe('a table', () => {
  it.each<[string, Parameters<typeof table>[0], string[]]>([
    [
      'aligns words left and numbers right',
      [
        ['name', 'calls'],
        ['a', 5],
        ['bcdef', 1_234],
      ],
      ['name   calls', 'a          5', 'bcdef   1234'],
    ],
    [
      'counts two columns for a Korean letter',
      [
        ['이름', 'n'],
        ['ab', 1],
        ['서울내과', 22],
      ],
      ['이름       n', 'ab         1', '서울내과  22'],
    ],
    [
      'counts two columns for an emoji',
      [
        ['a', 'b'],
        ['😀', 'x'],
      ],
      ['a   b', '😀  x'],
    ],
    [
      'shows a dash for what is not known',
      [
        ['a', 'b'],
        [null, 'x'],
      ],
      ['a  b', '–  x'],
    ],
    ['shows zero as zero', [['n'], [0]], ['n', '0']],
    [
      'ends lines where their words end',
      [
        ['a', 'long words'],
        ['b', 'x'],
      ],
      ['a  long words', 'b  x'],
    ],
    ['of nothing is empty', [], ['']],
  ])('%s', (_, rows, lines) => {
    expect(table(rows).split('\n')).toEqual(lines);
  });
});
