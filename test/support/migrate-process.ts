/** A process of its own that migrates the database named by its argument, for tests that start several at once. */
import { migrate } from '../../src/warehouse/migrate.ts';

const [, , url] = process.argv;
if (!url) throw new Error('usage: migrate-process.ts <database url>');
process.stdout.write(JSON.stringify(await migrate(url)));
