import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { AS_IN_THE_IMAGE } from '../../bench/processes.ts';
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

test('the image, `npm start` and the bench start a worker with the same options of Node', () => {
  const [, entrypoint = ''] = /^ENTRYPOINT \[(.*)\]$/m.exec(fileOf('Dockerfile')) ?? [];
  const { scripts } = JSON.parse(fileOf('package.json')) as { scripts: { start: string } };
  const optionsIn = (text: string) => text.match(/--[\w-]+=\w+/g);
  expect(optionsIn(entrypoint)).toEqual(AS_IN_THE_IMAGE);
  expect(optionsIn(scripts.start)).toEqual(AS_IN_THE_IMAGE);
});

describe('docker-compose.yml', () => {
  /** Given by secrets, or fixed inside the container. */
  const fixed = ['DATABASE_URL', 'CALLHOUSE_DATA_DIR', 'CALLHOUSE_OPS_HOST', 'PORT', 'VOX_API_KEY'];

  it('hands every other setting on to the worker', () => {
    const handedOn = [...fileOf('docker-compose.yml').matchAll(/^ {6}([A-Z_]+):$/gm)].map(([, name]) => name);
    expect(new Set([...handedOn, ...fixed])).toEqual(new Set(settingNames()));
  });
});
