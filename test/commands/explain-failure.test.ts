import { CommanderError } from 'commander';
import { describe, expect, it, test } from 'vitest';
import { addressOf } from '../../src/database/address.ts';
import { ConfigError, LeaseLostError, SourceError, TransientError } from '../../src/errors.ts';
import { explainFailure } from '../../src/explain-failure.ts';
import { workerGrants } from '../../src/warehouse/grants.ts';

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

const address = addressOf('postgresql://app@db.example/calls');

test.each([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no such host'],
  ['ETIMEDOUT', 'there is no way there'],
  ['CERT_HAS_EXPIRED', 'its certificate is not valid today'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'name the file of its CA as sslrootcert'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'name the file of its CA as sslrootcert'],
  ['08P01', 'does not take what is sent'],
  ['25006', 'it is read-only: a standby'],
  ['25P03', 'a transaction that took too long'],
  ['26000', 'a pooler between'],
  ['28P01', 'the password is not accepted'],
  ['28000', "the user 'app' is not let in"],
  ['3D000', 'there is no such database'],
  ['42P01', 'run callhouse migrate'],
  ['53100', 'its disk is full'],
  ['53300', 'it has no connection left'],
  ['55P03', 'another session holds a lock'],
  ['57014', 'a statement took too long'],
  ['57P03', 'it is starting up'],
  ['58030', 'look into its log'],
  ['XX001', 'its data or an index is damaged'],
])('a database that fails with %s is told with what to do (%s), and is no fault of ours', (code, words) => {
  const { message, exitCode } = explainFailure(withCode(code), running, address);
  expect(message).toContain(`the database failed (${code}): `);
  expect(message).toContain(words);
  expect(message).not.toMatch(/[{}]| at .*:\d+/);
  expect(exitCode).toBe(1);
});

test.each([
  ['timeout expired', 'mute', 'something listens there, and says nothing'],
  ['Query read timeout', 'mute', 'something listens there, and says nothing'],
  ['Connection terminated unexpectedly', 'cut off', 'the connection broke'],
  ['The server does not support SSL connections', 'no TLS', 'set sslmode=prefer or disable'],
])('pg’s own words %j are told as well', (words, code, told) => {
  const { message } = explainFailure(new Error(words), running, address);
  expect(message).toContain(`the database failed (${code}): `);
  expect(message).toContain(told);
});

test.each(['08', '25', '28', '3D', '53', '55', '57', '58', 'XX'])(
  'every failure of class %s, which people can mend, has a sentence',
  (errorClass) => {
    expect(explainFailure(withCode(`${errorClass}0Z9`), running).message).toMatch(
      /^the database failed \(.*\): \w/,
    );
  },
);

test('what a server says when it lets nobody in is told; what it says of a statement may hold what was stored', () => {
  const fatal = Object.assign(withCode('28000'), { severity: 'FATAL', message: 'no pg_hba.conf entry' });
  expect(explainFailure(fatal, running).message).toMatch(/It says: no pg_hba\.conf entry$/);
  const refused = Object.assign(withCode('53100'), {
    severity: 'ERROR',
    message: 'could not store 010-1234',
  });
  expect(explainFailure(refused, running).message).not.toContain('010-1234');
});

test('a right that is missing is told with the grants, word for word', () => {
  const { message } = explainFailure(withCode('42501'), running, address);
  expect(message).toContain("the user 'app' may not do that");
  for (const statement of workerGrants('app')) expect(message).toContain(`  ${statement};`);
});

test('a file that cannot be read is no failure of a database', () => {
  const missing = Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' });
  expect(explainFailure(missing, running).message).toContain('callhouse met a fault of its own');
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
      /^callhouse met a fault of its own\. Please report it: .*\nTypeError: x is undefined\n {4}at .*explain-failure/,
    );
    expect(exitCode).toBe(1);
  });

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [withCode('ERR_ASSERTION'), 'it broke at db:5432'],
  ])('that is %s is told as well', (thrown, words) => {
    expect(explainFailure(thrown, running).message).toContain(
      'callhouse met a fault of its own. Please report it: ',
    );
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
