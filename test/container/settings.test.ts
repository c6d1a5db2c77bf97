import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSettings, settingNames } from '../../src/config/settings.ts';

const fileOf = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

describe('.env.example', () => {
  it('says the defaults as they are', () => {
    const lines = [...fileOf('.env.example').matchAll(/^#([A-Z_]+)=(.*)$/gm)];
    const stated = Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]));
    const given = { VOX_API_KEY: 'a-key', DATABASE_URL: 'postgresql://127.0.0.1/callhouse' };
    expect(readSettings({ ...stated, ...given })).toEqual(readSettings(given));
  });

  it('sets nothing when it is copied as it is', () => {
    expect(fileOf('.env.example')).not.toMatch(/^[^#\n]/m);
  });
});

describe('docker-compose.yml', () => {
  /** Given by secrets, or fixed inside the container. */
  const fixed = ['DATABASE_URL', 'CALLHOUSE_DATA_DIR', 'CALLHOUSE_OPS_HOST', 'PORT', 'VOX_API_KEY'];

  it('hands every other setting on to the worker', () => {
    const handedOn = [...fileOf('docker-compose.yml').matchAll(/^ {6}([A-Z_]+):$/gm)].map(([, name]) => name);
    expect(new Set([...handedOn, ...fixed])).toEqual(new Set(settingNames()));
  });
});
