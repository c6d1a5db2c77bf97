import { resolve } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import type { Environment } from '../../src/config/environment.ts';
import { GLOBAL_NAMES } from '../../src/config/schema.ts';
import { readSettings, type Settings, settingNames } from '../../src/config/settings.ts';
import { parseInstant, resolveSince } from '../../src/config/since.ts';
import type { SyncChoices } from '../../src/config/source-settings.ts';
import { ConfigError } from '../../src/errors.ts';

/** The problems that an environment is refused with. */
function problems(env: Environment): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const SYNC_DEFAULTS: SyncChoices = {
  since: { kind: 'all' },
  pollIntervalMs: 15 * SECOND,
  lookbackMs: 2 * HOUR,
  settleDeadlineMs: 48 * HOUR,
  stuckAfterMs: DAY,
  onRetraction: 'keep',
  timeZone: 'Asia/Seoul',
};

const DEFAULTS: Settings = {
  database: null,
  dataDir: resolve('./.callhouse'),
  sources: [],
  ...SYNC_DEFAULTS,
  port: 8_080,
  opsHost: '127.0.0.1',
  logLevel: 'info',
};

test('nothing has to be set, and other variables are none of our business', () => {
  expect(readSettings({})).toEqual(DEFAULTS);
  expect(readSettings({ PATH: '/bin', HOME: '/root', VOICE: 'x' })).toEqual(DEFAULTS);
});

describe('each setting', () => {
  const accepted: [name: string, text: string, field: keyof Settings, value: unknown][] = [
    [
      'DATABASE_URL',
      'postgres://db/calls',
      'database',
      expect.objectContaining({ host: 'db', database: 'calls' }),
    ],
    ['CALLHOUSE_DATA_DIR', '/var/lib/callhouse', 'dataDir', '/var/lib/callhouse'],
    ['CALLHOUSE_DATA_DIR', 'data', 'dataDir', resolve('data')],
    ['CALLHOUSE_SINCE', 'all', 'since', { kind: 'all' }],
    ['CALLHOUSE_SINCE', '90d', 'since', { kind: 'age', ms: 90 * DAY }],
    ['CALLHOUSE_SINCE', '2026-01-31', 'since', { kind: 'instant', at: Date.UTC(2026, 0, 31) }],
    ['CALLHOUSE_SINCE', '2026-01-31T09:00:00+09:00', 'since', { kind: 'instant', at: Date.UTC(2026, 0, 31) }],
    ['CALLHOUSE_POLL_INTERVAL', '1s', 'pollIntervalMs', SECOND],
    ['CALLHOUSE_POLL_INTERVAL', '1d', 'pollIntervalMs', DAY],
    ['CALLHOUSE_LOOKBACK', '1m', 'lookbackMs', MINUTE],
    ['CALLHOUSE_LOOKBACK', '31d', 'lookbackMs', 31 * DAY],
    ['CALLHOUSE_SETTLE_DEADLINE', '90d', 'settleDeadlineMs', 90 * DAY],
    ['CALLHOUSE_STUCK_AFTER', '1h30m', 'stuckAfterMs', 90 * MINUTE],
    ['CALLHOUSE_ON_RETRACTION', 'keep', 'onRetraction', 'keep'],
    ['CALLHOUSE_ON_RETRACTION', 'follow', 'onRetraction', 'follow'],
    ['CALLHOUSE_TIMEZONE', 'Europe/Madrid', 'timeZone', 'Europe/Madrid'],
    ['CALLHOUSE_TIMEZONE', 'UTC', 'timeZone', 'UTC'],
    ['CALLHOUSE_OPS_HOST', '0.0.0.0', 'opsHost', '0.0.0.0'],
    ['CALLHOUSE_OPS_HOST', '::1', 'opsHost', '::1'],
    ['PORT', '0', 'port', 0],
    ['PORT', '65535', 'port', 65_535],
    ['LOG_LEVEL', 'silent', 'logLevel', 'silent'],
  ];
  it.each(accepted)('%s accepts %s', (name, text, field, value) => {
    expect(readSettings({ [name]: text })).toEqual({ ...DEFAULTS, [field]: value });
    expect(readSettings({ [name]: `  ${text}\n` })[field]).toEqual(value);
  });

  it.each([
    ['DATABASE_URL', 'db:5432/calls', 'a URL such as postgresql://user:password@host:5432/database'],
    ['DATABASE_URL', 'mysql://db/calls', 'a URL such as postgresql://'],
    ['CALLHOUSE_SINCE', 'yesterday', 'wants all, an instant such as 2026-01-31'],
    ['CALLHOUSE_SINCE', '2026-13-01', 'wants all, an instant such as 2026-01-31'],
    ['CALLHOUSE_SINCE', '90', 'wants all, an instant such as 2026-01-31'],
    ['CALLHOUSE_POLL_INTERVAL', '15', 'a duration with its unit, such as 15s'],
    ['CALLHOUSE_POLL_INTERVAL', '999ms', 'from 1s to 1d'],
    ['CALLHOUSE_POLL_INTERVAL', '25h', 'from 1s to 1d'],
    ['CALLHOUSE_LOOKBACK', '59s', 'from 60s to 31d'],
    ['CALLHOUSE_LOOKBACK', '32d', 'from 60s to 31d'],
    ['CALLHOUSE_SETTLE_DEADLINE', '91d', 'from 60s to 90d'],
    ['CALLHOUSE_STUCK_AFTER', 'never', 'from 60s to 90d'],
    ['CALLHOUSE_ON_RETRACTION', 'KEEP', 'wants keep or follow'],
    ['CALLHOUSE_TIMEZONE', 'Seoul', 'wants an IANA time zone such as Asia/Seoul'],
    ['CALLHOUSE_TIMEZONE', '+09:00', 'wants an IANA time zone such as Asia/Seoul'],
    ['CALLHOUSE_OPS_HOST', 'http://x', 'wants a host name or address'],
    ['PORT', '65536', 'wants a whole number from 0 to 65535'],
    ['PORT', '-1', 'wants a whole number from 0 to 65535'],
    ['PORT', '80.5', 'wants a whole number from 0 to 65535'],
    ['PORT', '0x50', 'wants a whole number from 0 to 65535'],
    ['LOG_LEVEL', 'verbose', 'wants fatal, error, warn, info, debug, trace or silent'],
    ['VOX_BASE_URL', 'vendor.invalid', 'an http or https URL without a query'],
    ['VOX_BASE_URL', 'ftp://vendor.invalid', 'an http or https URL without a query'],
    ['VOX_BASE_URL', 'https://vendor.invalid?key=1', 'an http or https URL without a query'],
    ['VOX_API_KEY', 'two words', 'wants a key without spaces or line breaks'],
    ['VOX_API_KEY', '키', 'wants a key without spaces or line breaks'],
    ['VOX_REQUESTS_PER_SECOND', '0', 'wants a whole number from 1 to 10000'],
    ['VOX_REQUESTS_PER_MINUTE', 'many', 'wants a whole number from 1 to 600000'],
  ])('%s refuses %s, and says what it wants', (name, text, wants) => {
    const [problem, ...more] = problems({ [name]: text });
    expect(more).toEqual([]);
    expect(problem).toMatch(
      new RegExp(`^${name}: '.*' is not accepted; it wants|^${name}: its value is not accepted; it wants`),
    );
    expect(problem).toContain(wants);
  });

  it.each(settingNames())('%s that is empty is as good as not set', (name) => {
    expect(readSettings({ [name]: '  ' })).toEqual(DEFAULTS);
  });

  test('is tried above', () => {
    expect(new Set(accepted.map(([name]) => name))).toEqual(new Set(Object.values(GLOBAL_NAMES)));
  });
});

describe('a vendor', () => {
  test('is a source when it has a key, with the limits of the vendor', () => {
    expect(readSettings({ VOX_API_KEY: 'abc' }).sources).toEqual([
      {
        name: 'vox',
        vendor: 'vox',
        apiKey: 'abc',
        baseUrl: 'https://client-api.tryvox.co/v3',
        limits: { requestsPerSecond: 5, requestsPerMinute: 120 },
        switches: {},
        ...SYNC_DEFAULTS,
      },
    ]);
  });

  test('has its address and limits set', () => {
    const env = {
      VOX_API_KEY: 'abc',
      VOX_BASE_URL: 'http://127.0.0.1:8090/v3',
      VOX_REQUESTS_PER_SECOND: '50',
      VOX_REQUESTS_PER_MINUTE: '600000',
    };
    expect(readSettings(env).sources).toMatchObject([
      { baseUrl: 'http://127.0.0.1:8090/v3', limits: { requestsPerSecond: 50, requestsPerMinute: 600_000 } },
    ]);
  });

  test('is synced as is said of all', () => {
    const env = { VOX_API_KEY: 'abc', CALLHOUSE_LOOKBACK: '3h', CALLHOUSE_TIMEZONE: 'UTC' };
    expect(readSettings(env).sources).toMatchObject([
      { ...SYNC_DEFAULTS, lookbackMs: 3 * HOUR, timeZone: 'UTC' },
    ]);
  });

  test('without a key is no source, whatever else is set', () => {
    expect(readSettings({ VOX_BASE_URL: 'http://127.0.0.1:8090' }).sources).toEqual([]);
  });
});

describe('problems', () => {
  test('are told all at once', () => {
    const told = problems({
      PORT: 'x',
      LOG_LEVEL: 'loud',
      CALLHOUSE_SINCE: 'ever',
      CALLHOUSE_PULL_INTERVAL: '5s',
      VOX_API_KEY: 'a b',
      VOX_REQUESTS_PER_SECOND: '0',
    });
    expect(told.map((problem) => problem.split(':')[0])).toEqual([
      'CALLHOUSE_SINCE',
      'PORT',
      'LOG_LEVEL',
      'VOX_API_KEY',
      'VOX_REQUESTS_PER_SECOND',
      'CALLHOUSE_PULL_INTERVAL',
    ]);
  });

  it.each([
    ['VOX_API_KEY', 'sk live secret-one'],
    ['DATABASE_URL', 'mysql://user:secret-one@db/calls'],
  ])('never show the value of %s', (name, value) => {
    const told = problems({ [name]: value, PORT: 'x' }).join('\n');
    expect(told).toContain(`${name}: its value is not accepted`);
    expect(told).not.toContain('secret-one');
  });

  it.each(['CALLHOUSE_PULL_INTERVAL', 'CALLHOUSE_', 'CALLHOUSE_SINCE_FILE', 'CALLHOUSE_DATABASE_URL'])(
    'are settings of ours that do not exist, such as %s: they would be ignored without a word',
    (name) => {
      const [problem] = problems({ [name]: '5s' });
      expect(problem).toContain(
        `${name}: there is no such setting; those that begin so are CALLHOUSE_CONFIG, `,
      );
      expect(problem).toContain('CALLHOUSE_POLL_INTERVAL');
    },
  );
});

describe('an instant', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T09:00', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31T09:00:05', '2026-01-31T09:00:05.000Z'],
    ['2026-01-31T09:00:05.25Z', '2026-01-31T09:00:05.250Z'],
    ['2026-01-31T09:00:00+09:00', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T09:00:00+0900', '2026-01-31T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseInstant(text)).toBe(Date.parse(iso));
  });

  it.each([
    '',
    '2026',
    '2026-01',
    '31.01.2026',
    '2026-1-31',
    '2026-13-01',
    '2026-01-32',
    '2026-02-30',
    '2025-02-29',
    '2026-04-31',
    '2026-01-31 09:00',
    '2026-01-31T25:00',
    '2026-01-31T09:00+99:00',
    '1795143600000',
    'now',
  ])('is not %s', (text) => {
    expect(parseInstant(text)).toBe(null);
  });
});

test('history begins at the beginning of time, at an instant, or so long ago', () => {
  expect(resolveSince({ kind: 'all' }, 1_000)).toBe(null);
  expect(resolveSince({ kind: 'instant', at: 5 }, 1_000)).toBe(5);
  expect(resolveSince({ kind: 'age', ms: 400 }, 1_000)).toBe(600);
});

it('lets pass what Kubernetes sets beside a service named callhouse', () => {
  const set = {
    CALLHOUSE_SERVICE_HOST: '10.0.0.7',
    CALLHOUSE_SERVICE_PORT: '8080',
    CALLHOUSE_SERVICE_PORT_HTTP: '8080',
    CALLHOUSE_PORT: 'tcp://10.0.0.7:8080',
    CALLHOUSE_PORT_8080_TCP: 'tcp://10.0.0.7:8080',
    CALLHOUSE_PORT_8080_TCP_ADDR: '10.0.0.7',
  };
  expect(readSettings(set).port).toBe(readSettings({}).port);
  expect(() => readSettings({ CALLHOUSE_PORTS: '1' })).toThrow(/CALLHOUSE_PORTS: there is no such setting/);
});

it.each([
  ['INFO', 'info'],
  ['Debug', 'debug'],
])('takes the log level %s', (text, level) => {
  expect(readSettings({ LOG_LEVEL: text }).logLevel).toBe(level);
});
