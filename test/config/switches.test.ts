import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, test, vi } from 'vitest';
import { readSettings, settingNames } from '../../src/config/settings.ts';

/** A vendor that lets something be turned on, whatever the real ones do. */
vi.mock('../../src/sources/index.ts', async (original) => {
  const { VENDORS, ...rest } = await original<typeof import('../../src/sources/index.ts')>();
  const limits = { requestsPerSecond: 1, requestsPerMinute: 60 };
  const other = {
    settingPrefix: 'OTHER',
    baseUrl: 'https://other.invalid',
    limits,
    switches: ['include_all'],
  };
  return { ...rest, VENDORS: { ...VENDORS, other } };
});

function withFile(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'callhouse-switches-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'c.yaml');
  writeFileSync(path, text);
  return () => readSettings({ CALLHOUSE_CONFIG: path, KEY: 'k' });
}

it.each([
  [{}, false],
  [{ OTHER_INCLUDE_ALL: 'true' }, true],
  [{ OTHER_INCLUDE_ALL: 'false' }, false],
])('a switch of a vendor is off, unless the environment turns it on: %j', (env, on) => {
  expect(readSettings({ OTHER_API_KEY: 'k', ...env }).sources).toMatchObject([
    { name: 'other', switches: { include_all: on } },
  ]);
});

it.each(['yes', '1', 'TRUE'])('but %s is neither true nor false', (text) => {
  expect(() => readSettings({ OTHER_API_KEY: 'k', OTHER_INCLUDE_ALL: text })).toThrow(
    `OTHER_INCLUDE_ALL: '${text}' is not accepted; it wants true or false`,
  );
});

test('each switch is a setting of the environment', () => {
  expect(settingNames()).toContain('OTHER_INCLUDE_ALL');
});

it.each(['true', '"true"', 'True'])('a file turns it on beside the name of its source, by %s', (text) => {
  const read = withFile(`sources: [{name: a, vendor: other, api_key: env:KEY, include_all: ${text}}]`);
  expect(read().sources).toMatchObject([{ name: 'a', switches: { include_all: true } }]);
});

test('a file may not turn on what is no switch of the vendor', () => {
  const read = withFile('sources: [{name: a, vendor: vox, api_key: env:KEY, include_all: true}]');
  expect(read).toThrow(/:1:52: sources\[0\]\.include_all: there is no such setting; here may stand name, /);
});

test('a vendor that is not known hides no other mistake in its source', () => {
  const read = withFile('sources: [{name: a, vendor: othr, api_key: env:KEY, include_all: 7, lookback: 1}]');
  expect(read).toThrow(/vendor: 'othr'.*\n.*include_all: '7'.*\n.*lookback: '1'/);
});
