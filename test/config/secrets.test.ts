import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { isSecret } from '../../src/config/secret.ts';

let folder = '';
const path = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'callhouse-secrets-'));
  writeFileSync(path('key'), 'secret-key\n');
  writeFileSync(path('empty'), ' \n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is read of an environment, and what is wrong with it. */
function read(env: Record<string, string>) {
  const problems: string[] = [];
  const names = { database_url: 'DATABASE_URL', api_key: 'ANY_API_KEY', port: 'PORT' };
  const given = [...readEnvironment(env, names, problems).values()];
  return { values: Object.fromEntries(given.map(({ where, text }) => [where, text])), problems };
}

describe('a secret may stand in a file', () => {
  it.each(['DATABASE_URL', 'ANY_API_KEY'])('%s, without the line break at its end', (name) => {
    expect(read({ [`${name}_FILE`]: path('key') })).toEqual({
      values: { [name]: 'secret-key' },
      problems: [],
    });
  });

  test('but not in both places', () => {
    const { values, problems } = read({ ANY_API_KEY: 'other', ANY_API_KEY_FILE: path('key') });
    expect(problems).toEqual(['ANY_API_KEY and ANY_API_KEY_FILE are both set: set one of them']);
    expect(JSON.stringify([values, problems])).not.toContain('secret-key');
  });

  test('a file that is not there, is a folder or is empty is told by its path', () => {
    expect(read({ ANY_API_KEY_FILE: path('missing') }).problems).toEqual([
      `ANY_API_KEY_FILE: the file ${path('missing')} cannot be read (ENOENT)`,
    ]);
    expect(read({ ANY_API_KEY_FILE: folder }).problems).toEqual([
      `ANY_API_KEY_FILE: the file ${folder} cannot be read (EISDIR)`,
    ]);
    expect(read({ ANY_API_KEY_FILE: path('empty') }).problems).toEqual([
      `ANY_API_KEY_FILE: the file ${path('empty')} is empty`,
    ]);
  });

  test('an empty path is as good as none', () => {
    expect(read({ ANY_API_KEY_FILE: ' ', ANY_API_KEY: 'k' })).toEqual({
      values: { ANY_API_KEY: 'k' },
      problems: [],
    });
  });

  test('what is no secret is not read from a file', () => {
    expect(read({ PORT_FILE: path('key') })).toEqual({ values: {}, problems: [] });
  });
});

it.each([
  ['database_url', true],
  ['api_key', true],
  ['base_url', false],
  ['since', false],
])('%s is a secret: %s', (name, secret) => {
  expect(isSecret(name)).toBe(secret);
});
