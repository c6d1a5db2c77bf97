import { describe, expect, it, test } from 'vitest';
import { TransientError } from '../../src/errors.ts';
import { answer, clientBench, KEY, ok, type Turn, withCode } from './client-bench.ts';

const ONE_TRY = { retry: { retries: 0, firstWaitMs: 1_000, waitMaxMs: 1_000 } };
const TOO_LATE = 'GET https://vendor.invalid/v3/calls did not answer in time';
const never = <T>() => new Promise<T>(() => undefined);

/** A body that begins and then says nothing more, after time has passed. */
const halfABody =
  (passMs: number): Turn =>
  async (_, clock) => {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"items":[');
      clock.advance(passMs);
      await never();
    }
    return { status: 200, headers: {}, body: body() };
  };

describe('deadlines', () => {
  test('a vendor that sends no headers is given up after 20 s, though the transport ignores its signal', async () => {
    const hung: Turn = async (_, clock) => {
      clock.advance(20_000);
      return never();
    };
    const { failure, clock } = clientBench([hung], ONE_TRY);
    expect(await failure()).toEqual(new TransientError(TOO_LATE));
    expect(clock.pendingDeadlines).toBe(0);
  });

  test('headers that come in time end the first deadline', async () => {
    const slow: Turn = async (_, clock) => {
      clock.advance(19_999);
      return ok();
    };
    expect(await clientBench([slow], ONE_TRY).get()).toMatchObject({ status: 200 });
  });

  it.each([
    [59_999, false],
    [60_000, true],
  ])('a body that stalls for %i ms: given up is %s', async (passMs, givenUp) => {
    const bench = clientBench([halfABody(passMs)], ONE_TRY);
    const outcome = await Promise.race([
      bench.failure(),
      new Promise((done) => setImmediate(done, 'waiting')),
    ]);
    expect(outcome).toEqual(givenUp ? new TransientError(TOO_LATE) : 'waiting');
  });

  test('the transport is told to stop when a deadline passes', async () => {
    const seen: unknown[] = [];
    const listening: Turn = async (signal, clock) => {
      signal.addEventListener('abort', () => seen.push(signal.reason));
      clock.advance(20_000);
      return never();
    };
    await clientBench([listening], ONE_TRY).failure();
    expect(seen).toMatchObject([{ name: 'TimeoutError' }]);
  });

  test('a request that was given up is sent again, and no timer is left behind', async () => {
    const hung: Turn = async (_, clock) => {
      clock.advance(20_000);
      return never();
    };
    const { get, counts, clock } = clientBench([hung, hung]);
    expect(await get()).toMatchObject({ status: 200 });
    expect(counts.retries).toBe(2);
    expect(clock.pendingDeadlines).toBe(0);
  });
});

describe('a stop', () => {
  test.each([
    ['while headers are awaited', never],
    ['while the body is awaited', halfABody(0)],
  ] as [string, Turn][])('%s ends the request at once with its own reason', async (_, turn) => {
    const bench = clientBench([turn]);
    const request = bench.failure();
    setImmediate(() => bench.controller.abort(new Error('stopped by SIGTERM')));
    expect(await request).toEqual(new Error('stopped by SIGTERM'));
    expect(bench.counts).toEqual({ sent: { list: 1, detail: 0, other: 0 }, retries: 0 });
    expect(bench.clock.pendingDeadlines).toBe(0);
  });

  test('wins over the fault that it caused', async () => {
    const bench = clientBench([
      async () => {
        bench.controller.abort(new Error('stopped by SIGTERM'));
        throw withCode('ECONNRESET');
      },
    ]);
    expect(await bench.failure()).toEqual(new Error('stopped by SIGTERM'));
  });
});

describe('a network that fails is tried again', () => {
  it.each([
    'ECONNRESET',
    'ECONNREFUSED',
    'ENOTFOUND',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'EAI_AGAIN',
    'UND_ERR_SOCKET',
    'UND_ERR_CONNECT_TIMEOUT',
    'HPE_INVALID_CONSTANT',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ])('after %s, and said by its code', async (code) => {
    const { failure } = clientBench([withCode(code)], ONE_TRY);
    const error = await failure();
    expect(error).toBeInstanceOf(TransientError);
    expect(String(error)).toContain(`GET https://vendor.invalid/v3/calls failed: ${code}`);
  });

  it.each([
    ['ENOTFOUND', 'its name cannot be resolved'],
    ['ECONNREFUSED', 'nothing listens there'],
    ['EHOSTUNREACH', 'there is no way there: check firewall and routes, or set HTTPS_PROXY'],
    ['UND_ERR_CONNECT_TIMEOUT', 'there is no way there'],
    ['CERT_HAS_EXPIRED', 'its certificate is not valid today'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'name the file of your CA in NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'name the file of your CA in NODE_EXTRA_CA_CERTS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS failed'],
    ['Z_DATA_ERROR', 'its compressed answer is broken'],
  ])('%s is told with what mends it: %s', async (code, words) => {
    expect(String(await clientBench([withCode(code)], ONE_TRY).failure())).toContain(words);
  });

  test('when the code stands in a cause of the error', async () => {
    const wrapped = new Error('request failed', {
      cause: new Error('socket', { cause: withCode('ECONNRESET') }),
    });
    expect(await clientBench([wrapped], ONE_TRY).failure()).toMatchObject({
      message: 'GET https://vendor.invalid/v3/calls failed: ECONNRESET',
      cause: wrapped,
    });
  });

  test('when it breaks in the middle of the body', async () => {
    async function* torn(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"items":[');
      throw withCode('UND_ERR_SOCKET');
    }
    const { get, counts } = clientBench([{ status: 200, headers: {}, body: torn() }]);
    expect(await get()).toMatchObject({ json: { ok: true } });
    expect(counts.retries).toBe(1);
  });
});

test.each([
  ['TypeError', new TypeError('Invalid URL')],
  ['RangeError', new RangeError('Invalid time value')],
  ['an error with a code of ours', withCode('not_a_network_code')],
])('a bug (%s) is thrown as it is and sent once', async (_, bug) => {
  const { failure, counts } = clientBench([bug]);
  expect(await failure()).toBe(bug);
  expect(counts).toEqual({ sent: { list: 1, detail: 0, other: 0 }, retries: 0 });
});

test.each([
  ['401', answer(401, '{}')],
  ['302', answer(302, '')],
  ['500', answer(500, '{}')],
  ['418', answer(418, '{}')],
  ['HTML', ok('<html>')],
  ['no network', withCode('ECONNRESET')],
] as [string, Turn][])('the message about %s has neither the key nor the query in it', async (_, turn) => {
  const { failure, retries } = clientBench([turn, turn], {
    retry: { retries: 1, firstWaitMs: 1, waitMaxMs: 1 },
  });
  const error = await failure();
  const told = [error instanceof Error ? error.message : '', JSON.stringify(retries)].join('\n');
  expect(told).toContain('https://vendor.invalid/v3/calls');
  for (const secret of [KEY, '01012345678', 'c2VjcmV0', '?']) expect(told).not.toContain(secret);
});
