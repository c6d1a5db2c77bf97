import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSettings, settingNames } from '../src/config/settings.ts';
import { workerGrants } from '../src/warehouse/grants.ts';
import { lent, waysTo } from './databases/varieties.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
const documented = [...readme.matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\|/gm)].map(
  ([, name = '', shown = '']) => ({
    name,
    /** Null where there is no default that could be written down. */
    value: /^`(.+)`$/.exec(shown)?.[1] ?? null,
  }),
);

describe('the README', () => {
  it('has room for what matters only', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(200);
  });

  it('lists every setting, and no other', () => {
    expect(new Set(documented.map(({ name }) => name))).toEqual(new Set(settingNames()));
  });

  it.each(documented.filter(({ value }) => value !== null))(
    'tells the true default of $name',
    ({ name, value }) => {
      const key = { VOX_API_KEY: 'a-key' };
      expect(readSettings({ ...key, [name]: value ?? '' })).toEqual(readSettings(key));
    },
  );
});

describe('.env.example', () => {
  it('lists every setting, and no other', () => {
    const names = [...example.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(settingNames()));
  });
});

describe('docs/operating.md', () => {
  const operating = readFileSync(new URL('../docs/operating.md', import.meta.url), 'utf8');

  it('lists the ways to a database that are tried, and no other', () => {
    const listed = [...operating.matchAll(/^\| (.+?) +\| yes +\| yes \| yes \| yes \|$/gm)].map(
      ([, name]) => name,
    );
    const tried = [...waysTo(''), lent].map(({ name }) => name);
    const real = ['1.18', '1.24'].flatMap((version) =>
      ['transaction', 'session'].map((mode) => `PgBouncer ${version}, pool_mode = ${mode}`),
    );
    expect(listed).toEqual([...tried, ...real]);
  });

  it('says what a worker is granted, word for word', () => {
    for (const statement of workerGrants('worker')) expect(operating).toContain(`\n${statement};\n`);
  });
});
