import { defineConfig } from 'drizzle-kit';

/** Used by `npm run db:generate -- --name what_changed`: the generated SQL is then read, tidied and commented. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/warehouse/schema/*.ts',
  out: './migrations',
  migrations: { schema: 'callhouse_migrations', table: 'applied' },
  schemaFilter: ['callhouse', 'callhouse_sync'],
});
