import { describe, it } from 'vitest';
import { thisMachine } from '../../src/embedded/machine.ts';
import { makeAuthority, signFor } from './certificates.ts';
import { furnish, travel } from './journey.ts';
import { behindPgBouncer } from './pgbouncer.ts';
import { startPostgres } from './postgres.ts';
import { asItComes, lent, waysTo } from './varieties.ts';

/** What `npm run test:databases` hands over. Without it there is one server, and no real pooler. */
// biome-ignore lint/style/noProcessEnv: `all.ts` has no other way to say what there is
const { DATABASES_PACKAGES = '', DATABASES_POOLERS = '' } = process.env;
const named = (list: string) => list.split(':').filter((path) => path !== '');
const servers = [...named(DATABASES_PACKAGES), thisMachine.platformPackage()];
const poolers = named(DATABASES_POOLERS).flatMap((binary) =>
  (['transaction', 'session'] as const).map((mode) => behindPgBouncer(binary, mode)),
);

const authority = await makeAuthority();
const isWhole = servers.length > 1;

describe.each(servers)('on the server of %s', (packageFolder) => {
  it(isWhole ? 'by every way' : asItComes.name, { timeout: 600_000 }, async () => {
    const server = await startPostgres(isWhole ? await signFor(authority, 'localhost') : null, packageFolder);
    try {
      await furnish(server);
      const ways = isWhole ? [...waysTo(authority.cert), lent, ...poolers] : [asItComes];
      for (const way of ways) {
        await travel(server, way);
        process.stdout.write(`PostgreSQL ${server.version}, ${way.name}: ok\n`);
      }
    } finally {
      await server.stop();
    }
  });
});
