import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { accountShape, GLOBALS, SYNC_DEFAULTS, syncShape } from '../../src/config/schema.ts';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { ConfigError } from '../../src/errors.ts';
import { vendorOf } from '../../src/sources/index.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'callhouse-config-'));
  mkdirSync(join(folder, 'keys'));
  writeFileSync(join(folder, 'keys/seoul'), 'key-of-seoul\n');
  writeFileSync(join(folder, 'keys/empty'), '\n');
  writeFileSync(join(folder, 'keys/broken'), 'two words');
  writeFileSync(join(folder, 'url'), 'postgresql://user:password@db/calls\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const ENV = { A_KEY: 'key-a', B_KEY: 'key-b' };

/** Settings of a file, with two keys in the environment besides what is given. */
function read(text: string, env: Record<string, string> = {}, name = 'c.yaml'): Settings {
  const path = join(folder, name);
  writeFileSync(path, text);
  return readSettings({ ...ENV, CALLHOUSE_CONFIG: path, ...env });
}

/** The problems that a file is refused with, by the file's name alone. */
function problems(text: string, env: Record<string, string> = {}): string[] {
  try {
    read(text, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((one) => one.replaceAll(`${folder}/`, ''));
    throw error;
  }
  return [];
}

const ONE_SOURCE = 'sources:\n  - name: a\n    vendor: vox\n    api_key: env:A_KEY\n';

describe('a file of settings', () => {
  const written = {
    database_url: 'file:url',
    data_dir: 'data',
    since: '90d',
    poll_interval: '1m',
    lookback: '3h',
    settle_deadline: '3d',
    stuck_after: '12h',
    on_retraction: 'follow',
    timezone: 'Europe/Madrid',
    ops_host: '0.0.0.0',
    port: 9_090,
    log_level: 'warn',
  };

  it.each([
    [
      'YAML',
      'c.yaml',
      Object.entries(written)
        .map((entry) => entry.join(': '))
        .join('\n'),
    ],
    ['JSON', 'c.json', JSON.stringify(written, null, 2)],
  ])('gives every setting, as %s', (_format, name, text) => {
    expect(new Set(Object.keys(written))).toEqual(new Set(Object.keys(GLOBALS)));
    expect(read(text, {}, name)).toEqual({
      database: expect.objectContaining({
        host: 'db',
        user: 'user',
        password: 'password',
        database: 'calls',
      }),
      dataDir: join(folder, 'data'),
      sources: [],
      since: { kind: 'age', ms: 90 * DAY },
      pollIntervalMs: MINUTE,
      lookbackMs: 3 * HOUR,
      settleDeadlineMs: 3 * DAY,
      stuckAfterMs: 12 * HOUR,
      onRetraction: 'follow',
      timeZone: 'Europe/Madrid',
      opsHost: '0.0.0.0',
      port: 9_090,
      logLevel: 'warn',
    });
  });

  test('leaves the defaults where it says nothing', () => {
    expect(read('port: 1')).toEqual({ ...readSettings({}), port: 1 });
  });

  it.each([
    ['port: "9090"', 'port', 9_090],
    ['%YAML 1.1\n---\nsince: 2026-01-31', 'since', { kind: 'instant', at: Date.UTC(2026, 0, 31) }],
    ['since: 2026-01-31', 'since', { kind: 'instant', at: Date.UTC(2026, 0, 31) }],
    ['\uFEFFlog_level: >\r\n  debug\r\n', 'logLevel', 'debug'],
  ] as const)('may write a value as %j', (text, field, value) => {
    expect(read(text)[field]).toEqual(value);
  });

  test('is overruled by the environment, and not looked at where it is', () => {
    const text = 'port: many\nlog_level: warn\ndatabase_url: env:NOT_SET';
    const env = { PORT: '1', DATABASE_URL: 'postgresql://db/calls', CALLHOUSE_LOOKBACK: '5h' };
    expect(read(text, env)).toMatchObject({
      port: 1,
      logLevel: 'warn',
      database: { host: 'db', database: 'calls', saidBy: 'DATABASE_URL' },
      lookbackMs: 5 * HOUR,
    });
  });

  test('is found from the folder of the process', () => {
    writeFileSync(join(folder, 'near.yaml'), 'port: 5');
    expect(readSettings({ CALLHOUSE_CONFIG: relative('.', join(folder, 'near.yaml')) }).port).toBe(5);
  });
});

describe('sources of a file', () => {
  test('are as many as it names, also of one vendor, each with its own key', () => {
    const { sources } = read(
      `${ONE_SOURCE}  - {name: b-2, vendor: vox, api_key: "env:B_KEY"}\n  - {name: c_3, vendor: vox, api_key: file:keys/seoul}`,
    );
    expect(sources.map(({ name, vendor, apiKey }) => [name, vendor, apiKey])).toEqual([
      ['a', 'vox', 'key-a'],
      ['b-2', 'vox', 'key-b'],
      ['c_3', 'vox', 'key-of-seoul'],
    ]);
  });

  test('have the address and the limits of their vendor, and what is said of all', () => {
    const { sources, ...settings } = read(`lookback: 4h\n${ONE_SOURCE}`, { CALLHOUSE_SINCE: '7d' });
    const { baseUrl, limits } = vendorOf('vox');
    expect(sources).toEqual([
      {
        name: 'a',
        vendor: 'vox',
        apiKey: 'key-a',
        baseUrl,
        limits,
        switches: {},
        since: { kind: 'age', ms: 7 * DAY },
        pollIntervalMs: settings.pollIntervalMs,
        lookbackMs: 4 * HOUR,
        settleDeadlineMs: settings.settleDeadlineMs,
        stuckAfterMs: settings.stuckAfterMs,
        onRetraction: settings.onRetraction,
        timeZone: settings.timeZone,
      },
    ]);
  });

  test('say everything for themselves, even against the environment', () => {
    const own = `    base_url: http://127.0.0.1:8090/v3
    requests_per_second: 7
    requests_per_minute: 70
    since: all
    poll_interval: 1s
    lookback: 1m
    settle_deadline: 2h
    stuck_after: 3h
    on_retraction: follow
    timezone: UTC
`;
    const { sources, ...settings } = read(ONE_SOURCE + own, {
      CALLHOUSE_SINCE: '7d',
      CALLHOUSE_TIMEZONE: 'Asia/Tokyo',
    });
    expect(settings).toMatchObject({
      since: { kind: 'age' },
      timeZone: 'Asia/Tokyo',
      pollIntervalMs: 15 * SECOND,
    });
    expect(sources).toMatchObject([
      {
        baseUrl: 'http://127.0.0.1:8090/v3',
        limits: { requestsPerSecond: 7, requestsPerMinute: 70 },
        since: { kind: 'all' },
        pollIntervalMs: SECOND,
        lookbackMs: MINUTE,
        settleDeadlineMs: 2 * HOUR,
        stuckAfterMs: 3 * HOUR,
        onRetraction: 'follow',
        timeZone: 'UTC',
      },
    ]);
  });

  test('are the only ones: variables of vendors are read where the file refers to them', () => {
    const vendor = { VOX_API_KEY: 'key-of-vox', VOX_BASE_URL: 'not looked at' };
    expect(read(ONE_SOURCE, vendor).sources).toMatchObject([{ name: 'a', apiKey: 'key-a' }]);
    const referring = ONE_SOURCE.replace('A_KEY', 'VOX_API_KEY');
    expect(read(referring, vendor).sources).toMatchObject([{ name: 'a', apiKey: 'key-of-vox' }]);
  });

  test('come from the environment when the file names none', () => {
    const { sources } = read('lookback: 4h', { VOX_API_KEY: 'key-of-vox' });
    expect(sources).toMatchObject([{ name: 'vox', apiKey: 'key-of-vox', lookbackMs: 4 * HOUR }]);
  });

  test('may share what they say by anchors and merges: what is nearer wins', () => {
    const text = `sources:
  - &first {name: a, vendor: vox, api_key: env:A_KEY, lookback: &long 6h, poll_interval: 1m}
  - <<: [*first, {timezone: UTC, lookback: 9h}]
    name: b
    api_key: env:B_KEY
    stuck_after: *long
`;
    expect(read(text).sources).toMatchObject([
      { name: 'a', lookbackMs: 6 * HOUR },
      {
        name: 'b',
        apiKey: 'key-b',
        lookbackMs: 6 * HOUR,
        pollIntervalMs: MINUTE,
        timeZone: 'UTC',
        stuckAfterMs: 6 * HOUR,
      },
    ]);
  });

  test('may have a key in a variable that begins as ours do: it is no misspelt setting', () => {
    const text = ONE_SOURCE.replace('A_KEY', 'CALLHOUSE_SEOUL_KEY');
    expect(read(text, { CALLHOUSE_SEOUL_KEY: 'k' }).sources).toMatchObject([{ apiKey: 'k' }]);
  });
});

describe('what is wrong is told with its line and column', () => {
  const source = (...lines: string[]) => `${ONE_SOURCE}${lines.map((line) => `    ${line}\n`).join('')}`;
  const DURATION = 'wants a duration with its unit, such as 15s, 2h, 90d or 1h30m';
  const REFERENCE = 'it wants a reference: env:NAME, in capital letters, or file:/path/of/a/file';

  it.each([
    [
      'a value',
      'port: 1\nlog_level: loud',
      "c.yaml:2:12: log_level: 'loud' is not accepted; it wants fatal, ",
    ],
    [
      'a duration without its unit',
      'lookback: 15',
      `c.yaml:1:11: lookback: '15' is not accepted; it ${DURATION}`,
    ],
    [
      'a number that is none of ours',
      'port: 0x50',
      "c.yaml:1:7: port: '0x50' is not accepted; it wants a whole number",
    ],
    [
      'a boolean',
      'timezone: yes',
      "c.yaml:1:11: timezone: 'yes' is not accepted; it wants an IANA time zone",
    ],
    ['no value', 'port: 1\nsince:\n', 'c.yaml:2:7: since: it has no value; give it one, or take it away'],
    ['null', 'since: ~', 'c.yaml:1:8: since: it has no value'],
    ['a list', 'since: [all]', 'c.yaml:1:8: since: a list is not accepted; it wants a single value'],
    ['a mapping', 'port:\n  http: 1', 'c.yaml:2:3: port: a mapping is not accepted; it wants a single value'],
    [
      'an unknown key',
      '\npull_interval: 5s',
      'c.yaml:2:1: pull_interval: there is no such setting; did you mean poll_interval?',
    ],
    [
      'a name of the environment',
      'CALLHOUSE_SINCE: all',
      'c.yaml:1:1: CALLHOUSE_SINCE: there is no such setting; did you mean since?',
    ],
    [
      'a key like no other',
      'colour: red',
      'c.yaml:1:1: colour: there is no such setting; here may stand database_url, data_dir, ',
    ],
    ['a key of every object', '__proto__: 1', 'c.yaml:1:1: __proto__: there is no such setting'],
    [
      'a key that stands twice',
      'port: 1\nport: 1',
      'c.yaml:2:1: port: the key stands here twice, first at c.yaml:1:1: port',
    ],
    [
      'a value of a source',
      source('lookback: 1s'),
      `c.yaml:5:15: sources[0].lookback: '1s' is not accepted; it ${DURATION}, from 60s to 31d`,
    ],
    [
      'an address of a source',
      source('base_url: vendor.invalid'),
      "c.yaml:5:15: sources[0].base_url: 'vendor.invalid' is not accepted; it wants an http",
    ],
    [
      'an unknown key of a source',
      source('time_zone: UTC'),
      'c.yaml:5:5: sources[0].time_zone: there is no such setting; did you mean timezone?',
    ],
    [
      'a key of a source that stands twice',
      source('name: b'),
      'c.yaml:5:5: sources[0].name: the key stands here twice, first at c.yaml:2:5: sources[0].name',
    ],
    [
      'a name',
      'sources: [{name: Seoul, vendor: vox, api_key: env:A_KEY}]',
      "c.yaml:1:18: sources[0].name: 'Seoul' is not accepted; it wants a name of small letters",
    ],
    [
      'an unknown vendor',
      'sources: [{name: a, vendor: vxo, api_key: env:A_KEY}]',
      "c.yaml:1:29: sources[0].vendor: 'vxo' is not accepted; it wants one of vox",
    ],
    [
      'a vendor that is a word of the language',
      'sources: [{name: a, vendor: constructor, api_key: env:A_KEY}]',
      "c.yaml:1:29: sources[0].vendor: 'constructor' is not accepted",
    ],
    [
      'no name',
      'sources:\n  - vendor: vox\n    api_key: env:A_KEY',
      'c.yaml:2:5: sources[0]: name is missing; it wants a name of its own',
    ],
    [
      'no vendor',
      'sources:\n  - name: a\n    api_key: env:A_KEY',
      'c.yaml:2:5: sources[0]: vendor is missing; it wants one of vox',
    ],
    [
      'no key',
      'sources:\n  - name: a\n    vendor: vox',
      'c.yaml:2:5: sources[0]: api_key is missing; it wants a reference: env:NAME or file:',
    ],
    [
      'a source that is no mapping',
      'sources:\n  - vox',
      'c.yaml:2:5: sources[0]: a value is not accepted; it wants a mapping with name, vendor and api_key',
    ],
    [
      'sources that are no list',
      'sources: {a: 1}',
      'c.yaml:1:10: sources: it wants a list of sources, each with name, vendor and api_key',
    ],
    ['sources that are none', 'port: 1\nsources: []', 'c.yaml:2:10: sources: it wants a list of sources'],
    [
      'a merge of no mapping',
      source('<<: 5'),
      'c.yaml:5:5: sources[0].<<: it wants a mapping to bring in, or a list of them',
    ],
    [
      'a variable that is not set',
      ONE_SOURCE.replace('A_KEY', 'NOT_SET'),
      'c.yaml:4:14: sources[0].api_key: the variable NOT_SET is not set',
    ],
    [
      'a key file that is not there',
      ONE_SOURCE.replace('env:A_KEY', 'file:keys/none'),
      'c.yaml:4:14: sources[0].api_key: the file keys/none cannot be read (ENOENT)',
    ],
    [
      'a key file that is empty',
      ONE_SOURCE.replace('env:A_KEY', 'file:keys/empty'),
      'c.yaml:4:14: sources[0].api_key: the file keys/empty is empty',
    ],
    [
      'a key that is none',
      ONE_SOURCE.replace('env:A_KEY', 'file:keys/broken'),
      'c.yaml:4:14: sources[0].api_key: its value is not accepted; it wants a key without spaces',
    ],
    [
      'a reference of another kind',
      ONE_SOURCE.replace('env:A_KEY', 'vault:a'),
      `c.yaml:4:14: sources[0].api_key: its value is not accepted; ${REFERENCE}`,
    ],
    [
      'a tag',
      'port: 1\nlog_level: !!js/function x',
      'c.yaml:2:26: a YAML tag is not accepted; write the value without it',
    ],
    ['a tag that YAML knows', 'port: !!str 1', 'c.yaml:1:13: a YAML tag is not accepted'],
    ['an alias of nothing', 'port: *p', 'c.yaml:1:7: this alias has no anchor before it'],
    [
      'what is no YAML',
      'port: 1\nsince: a: b',
      'c.yaml:2:8: this is not YAML: Nested mappings are not allowed in compact mappings',
    ],
    [
      'JSON that does not end',
      '{"port": 1,\n "since": "all"',
      'c.yaml:2:16: this is not YAML: Flow map must end with a }',
    ],
    [
      'a second document',
      'port: 1\n---\nport: 2',
      'c.yaml:2:1: this is not YAML: Source contains multiple documents',
    ],
    [
      'an empty file',
      '',
      'c.yaml:1:1: the file is empty; it wants settings by their names, such as poll_interval: 15s',
    ],
    ['a file of comments', '# port: 1\n', 'c.yaml:1:1: the file is empty'],
    [
      'a list of settings',
      '# all\n- port: 1',
      'c.yaml:2:1: a list is not accepted; it wants settings by their names',
    ],
    ['a word', 'port', 'c.yaml:1:1: a value is not accepted; it wants settings by their names'],
  ])('%s', (_what, text, expected) => {
    const [problem, ...more] = problems(text);
    expect(more).toEqual([]);
    expect(problem).toContain(expected);
  });

  test('a file that refers to itself is refused, and not followed for ever', () => {
    expect(problems('sources: &all [*all]')[0]).toContain('c.yaml:1:16: sources[0]: a list is not accepted');
    expect(problems(`${ONE_SOURCE}  - &b {<<: *b, name: b, vendor: vox, api_key: env:B_KEY}`)).toEqual([]);
  });

  test('a name that two sources have', () => {
    expect(problems(`${ONE_SOURCE}  - {name: a, vendor: vox, api_key: env:B_KEY}`)).toEqual([
      "c.yaml:5:12: sources[1].name: 'a' is not accepted; it wants a name that no other source has; c.yaml:2:11: sources[0].name is the same",
    ]);
  });

  test('an account that two sources name, with its address or without', () => {
    const again = `  - {name: b, vendor: vox, api_key: env:A_KEY, base_url: ${vendorOf('vox').baseUrl}/}`;
    expect(problems(ONE_SOURCE + again)).toEqual([
      'c.yaml:5:5: sources[1]: vendor, base_url and api_key are those of c.yaml:2:5: sources[0]; name an account once',
    ]);
    expect(
      problems(`${ONE_SOURCE}  - {name: b, vendor: vox, api_key: env:A_KEY, base_url: http://other.invalid}`),
    ).toEqual([]);
  });

  test('a file that is not there, or is a folder', () => {
    const told = (path: string) => () => readSettings({ CALLHOUSE_CONFIG: path });
    expect(told('/nowhere/c.yaml')).toThrow(
      'CALLHOUSE_CONFIG: the file /nowhere/c.yaml cannot be read (ENOENT)',
    );
    expect(told(folder)).toThrow(`CALLHOUSE_CONFIG: the file ${folder} cannot be read (EISDIR)`);
  });

  test('many problems all at once: the file from its top to its bottom, then the environment', () => {
    const text = `database_url: postgresql://user:secret-one@db/calls
port: x
sources:
  - name: a
    vendor: vox
    api_key: secret-two
    lookback: 5
  - name: a
    vendor: vxo
    api_key: env:NOT_SET
    requests_per_second: 0
    colour: red
log_levle: info
`;
    const told = problems(text, { CALLHOUSE_LOOKBACK: '5', CALLHOUSE_PULL_INTERVAL: '5s' });
    expect(told.map((problem) => /^c\.yaml:\d+:\d+: [^: ]+|^\w+/.exec(problem)?.[0])).toEqual([
      'c.yaml:1:15: database_url',
      'c.yaml:2:7: port',
      'c.yaml:6:14: sources[0].api_key',
      'c.yaml:7:15: sources[0].lookback',
      'c.yaml:8:11: sources[1].name',
      'c.yaml:9:13: sources[1].vendor',
      'c.yaml:10:14: sources[1].api_key',
      'c.yaml:11:26: sources[1].requests_per_second',
      'c.yaml:12:5: sources[1].colour',
      'c.yaml:13:1: log_levle',
      'CALLHOUSE_LOOKBACK',
      'CALLHOUSE_PULL_INTERVAL',
    ]);
  });
});

describe('a secret is never shown', () => {
  it.each([
    ['in the place of a reference', 'api_key: sk-secret-one'],
    ['after the word for a variable', 'api_key: env:sk-secret-one'],
    ['like a variable in small letters', 'api_key: env:sk_secret_one'],
    ['with a space', 'api_key: sk secret one'],
    ['before a quote that does not end', 'api_key: "sk-secret-one'],
    ['behind a quote', 'api_key: "x" sk-secret-one'],
    ['as an alias', 'api_key: *sk-secret-one'],
    ['as a tag', 'api_key: !sk-secret-one x'],
    ['with an escape', 'api_key: "\\qsk-secret-one"'],
    ['as a block', 'api_key: |sk-secret-one\n      x'],
    ['as two values', 'api_key: sk: secret-one: x'],
    ['in a list', 'api_key: [sk-secret-one]'],
    ['under a wrong key', 'api-key: sk-secret-one'],
    ['twice', 'api_key: sk-secret-one\n    api_key: sk-secret-one'],
  ])('%s', (_where, line) => {
    const told = problems(`sources:\n  - name: a\n    vendor: vox\n    ${line}\n`).join('\n');
    expect(told).toMatch(/^c\.yaml:[3-6]:\d+: /m);
    expect(told).not.toMatch(/secret|sk/);
  });

  test('in two sources that have the same one', () => {
    const text = ONE_SOURCE.replace('env:A_KEY', 'sk-secret-one');
    const told = problems(`${text}  - {name: b, vendor: vox, api_key: sk-secret-one}`).join('\n');
    expect(told).toContain('name an account once');
    expect(told).not.toContain('secret-one');
  });

  test('as the address of the database, or when a key is taken for the file', () => {
    expect(problems('database_url: postgresql://u:secret-one@db/calls').join()).not.toContain('secret-one');
    expect(problems('sk-secret-one').join()).not.toContain('secret-one');
  });
});

describe('docs/configuration.md', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const [example = '', broken = '', answer = ''] = [...page.matchAll(/```(?:yaml|text)\n(.*?)```/gs)].map(
    ([, text = '']) => text,
  );

  test('has an example of every setting, with the true defaults', () => {
    const own = [...Object.keys(accountShape(vendorOf('vox'))), ...Object.keys(syncShape(SYNC_DEFAULTS))];
    for (const key of Object.keys(GLOBALS)) expect(example).toMatch(new RegExp(`^${key}: `, 'm'));
    for (const key of own) expect(example).toMatch(new RegExp(`^    ${key}: `, 'm'));
    writeFileSync(join(folder, 'keys/madrid-sales'), 'k');
    const keys = { SEOUL_KEY: 'k', WAREHOUSE_URL: 'postgresql://db/calls' };
    const { sources, database, dataDir, ...rest } = read(example, keys);
    expect(readSettings({})).toMatchObject(rest);
    expect(database).toMatchObject({ host: 'db', database: 'calls' });
    expect(dataDir).toBe('/var/lib/callhouse');
    expect(sources.map(({ name }) => name)).toEqual(['seoul', 'madrid-sales']);
  });

  test('shows what is really answered', () => {
    const told = problems(broken).map((problem) => `  - ${problem.replaceAll('c.yaml', 'callhouse.yaml')}\n`);
    expect(answer).toBe(`callhouse cannot start:\n${told.join('')}`);
  });
});
