import { customType } from 'drizzle-orm/pg-core';

/** Range types of PostgreSQL, kept as their text (`[2026-01-01 00:00:00+00,…)`): SQL does the arithmetic. */
export const tstzrange = customType<{ data: string }>({ dataType: () => 'tstzrange' });
export const tstzmultirange = customType<{ data: string }>({ dataType: () => 'tstzmultirange' });
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
