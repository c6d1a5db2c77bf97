import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeTables, TABLES_FILE } from '../docs/generate-tables.ts';
import { useTestDatabase } from './support/database.ts';

const database = useTestDatabase();

it('docs/tables.md says what the comments in the database say', async () => {
  const client = await database.pool.connect();
  try {
    const hint = 'run: npx tsx docs/generate-tables.ts';
    expect(readFileSync(TABLES_FILE, 'utf8'), hint).toBe(await describeTables(client));
  } finally {
    client.release();
  }
});
