import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAuthority, signFor } from './certificates.ts';
import { furnish, travel } from './journey.ts';
import { type StartedPostgres, startPostgres } from './postgres.ts';
import { lent, waysTo } from './varieties.ts';

const authority = await makeAuthority();
let server: StartedPostgres;

beforeAll(async () => {
  server = await startPostgres(await signFor(authority, 'localhost'));
  await furnish(server);
});
afterAll(() => server.stop());

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const ways = waysTo(authority.cert).filter(({ name }) => name !== 'IPv6' || hasIpv6);

describe('a warehouse is filled and proved by way of', () => {
  it.each(ways)('$name', (way) => travel(server, way, 'short'));

  it(lent.name, () => travel(server, lent));
});
