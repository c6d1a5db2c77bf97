import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { readSettings, settingNames } from '../../src/config/settings.ts';
import { spawnCallhouse } from '../support/command-line.ts';

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

test('the image and `npm start` need no options of Node: the program bounds its heap itself', async () => {
  expect(fileOf('Dockerfile')).toContain('ENTRYPOINT ["node", "/app/dist/cli.js"]');
  const { scripts } = JSON.parse(fileOf('package.json')) as { scripts: { start: string } };
  expect(scripts.start).toBe('node dist/cli.js run');
  const sizes =
    "import v8 from 'node:v8'; process.on('exit', () => console.log(JSON.stringify(v8.getHeapSpaceStatistics())))";
  const { finished } = spawnCallhouse(['--version'], {}, [
    '--import',
    `data:text/javascript,${encodeURIComponent(sizes)}`,
  ]);
  const [, spaces = ''] = (await finished).stdout.split('\n');
  const young = (JSON.parse(spaces) as { space_name: string; space_size: number }[]).find(
    ({ space_name }) => space_name === 'new_space',
  );
  // Node 24 gives it 134 MB while it loads the program, where nothing bounds it.
  expect(young?.space_size).toBeLessThan(MB_OF_YOUNG * 2 ** 20);
});

const MB_OF_YOUNG = 6;

describe('docker-compose.yml', () => {
  /** Given by secrets, or fixed inside the container. */
  const fixed = ['DATABASE_URL', 'CALLHOUSE_DATA_DIR', 'CALLHOUSE_OPS_HOST', 'PORT', 'VOX_API_KEY'];

  it('hands every other setting on to the worker', () => {
    const handedOn = [...fileOf('docker-compose.yml').matchAll(/^ {6}([A-Z_]+):$/gm)].map(([, name]) => name);
    expect(new Set([...handedOn, ...fixed])).toEqual(new Set(settingNames()));
  });
});
