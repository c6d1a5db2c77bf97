import { CommanderError } from 'commander';
import { describe, expect, it, test } from 'vitest';
import { ConfigError, LeaseLostError, SourceError, TransientError } from '../../src/errors.ts';
import { explainFailure } from '../../src/explain-failure.ts';

const running = new AbortController().signal;
const stopped = AbortSignal.abort(new Error('stopped by SIGTERM'));

const withCode = (code: string): Error => Object.assign(new Error('it broke at db:5432'), { code });

describe('what a person must mend is told with every problem, and exits with 2', () => {
  test('settings', () => {
    expect(explainFailure(new ConfigError(['PORT: x is not accepted', 'LOG_LEVEL: no']), running)).toEqual({
      message: 'callhouse cannot start:\n  - PORT: x is not accepted\n  - LOG_LEVEL: no',
      exitCode: 2,
    });
  });

  test('settings, even when it was being stopped', () => {
    expect(explainFailure(new ConfigError(['a']), stopped).exitCode).toBe(2);
  });

  it.each([
    [0, 0],
    [1, 2],
    [5, 2],
  ])('usage, which has been printed already (%i)', (given, exitCode) => {
    expect(explainFailure(new CommanderError(given, 'code', 'words'), running)).toEqual({
      message: '',
      exitCode,
    });
  });
});

test.each([
  ['a source', new SourceError('GET /calls answered 401', { status: 401 })],
  ['a vendor', new TransientError('GET /calls answered 503')],
  ['a lease', new LeaseLostError('GET /calls was taken over')],
])('a fault of %s is told in its own words, without a stack', (_, error) => {
  expect(explainFailure(error, running)).toEqual({ message: error.message, exitCode: 1 });
});

test.each([
  new TransientError('x'),
  new Error('x'),
  withCode('ECONNREFUSED'),
  new DOMException('x', 'AbortError'),
])('whatever is thrown after a stop is a stop', (error) => {
  expect(explainFailure(error, stopped)).toEqual({ message: 'stopped', exitCode: 1 });
});

test.each([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host'],
  ['ETIMEDOUT', 'it does not answer'],
  ['28P01', 'the password is not accepted'],
  ['28000', 'the user is not let in'],
  ['3D000', 'there is no such database'],
  ['42501', 'the user may not do that'],
  ['53100', 'its disk is full'],
  ['57P03', 'it is starting up'],
])('a database that fails with %s is told with what to do (%s), and is no fault of ours', (code, words) => {
  const { message, exitCode } = explainFailure(withCode(code), running);
  expect(message).toContain(`the database failed (${code}): `);
  expect(message).toContain(words);
  expect(exitCode).toBe(1);
});

test.each(['EAI_AGAIN', 'ECONNRESET', 'EPIPE', '57P01', '08006', '53300'])(
  'a database that cannot be reached or goes away (%s) is no fault of ours either',
  (code) => {
    const { message, exitCode } = explainFailure(withCode(code), running);
    expect(message).toContain(`the database failed (${code}): `);
    expect(message).not.toContain('    at ');
    expect(exitCode).toBe(1);
  },
);

describe('a bug', () => {
  test('keeps its stack', () => {
    const { message, exitCode } = explainFailure(new TypeError('x is undefined'), running);
    expect(message).toMatch(
      /^callhouse met a fault of its own:\nTypeError: x is undefined\n {4}at .*explain-failure/,
    );
    expect(exitCode).toBe(1);
  });

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [withCode('XX999'), 'it broke at db:5432'],
  ])('that is %s is told as well', (thrown, words) => {
    expect(explainFailure(thrown, running).message).toContain(`callhouse met a fault of its own:\n`);
    expect(explainFailure(thrown, running).message).toContain(words);
  });
});

test.each([
  new ConfigError(['key Bearer abcdefgh12345678']),
  new SourceError('key Bearer abcdefgh12345678'),
  new Error('key Bearer abcdefgh12345678'),
])('no credential is told', (error) => {
  const { message } = explainFailure(error, running);
  expect(message).toContain('key [REDACTED]');
  expect(message).not.toContain('abcdefgh12345678');
});
