import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { addressOf, describeAddress, isDatabaseUrl, readAddress } from '../../src/database/address.ts';
import { readService } from '../../src/database/service-file.ts';
import { protections } from '../../src/database/tls.ts';

const folder = mkdtempSync(join(tmpdir(), 'callhouse-address-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string | null, env: Record<string, string> = {}) {
  const problems: string[] = [];
  const address = readAddress(text === null ? null : { text, where: 'DATABASE_URL' }, env, problems);
  return { address, problems };
}

describe('a URL', () => {
  it.each([
    ['postgresql://u:p@h:6000/d', { host: 'h', port: 6000, user: 'u', password: 'p', database: 'd' }],
    ['postgres://u@h/d', { host: 'h', port: 5432, user: 'u', password: null, database: 'd' }],
    ['postgres://u:p%40%2F%3A@h/d', { password: 'p@/:' }],
    ['postgres://u@h', { database: 'u' }],
    ['postgres://u@[::1]:6000/d', { host: '::1', port: 6000 }],
    [
      'postgres://u@/d?host=/var/run/pg&port=6000',
      { host: '/var/run/pg', port: 6000, database: 'd', user: 'u' },
    ],
    ['postgres://u@%2Fvar%2Frun%2Fpg/d', { host: '/var/run/pg', database: 'd' }],
    ['postgres:///d?host=h&user=u&password=p', { host: 'h', user: 'u', password: 'p', database: 'd' }],
    ['postgres://u@h/d?options=-c%20work_mem%3D1MB', { extras: { options: '-c work_mem=1MB' } }],
    ['postgres://u@h/%ED%86%B5%ED%99%94', { database: '통화' }],
  ])('%s', (text, expected) => {
    const { address, problems } = read(text);
    expect(problems).toEqual([]);
    expect(address).toMatchObject({ saidBy: 'DATABASE_URL', ...expected });
  });

  it.each(['mysql://u@h/d', 'h:5432/d', 'postgresql://', 'postgres://u@h:port/d', 'host=h dbname=d'])(
    '%s is none',
    (text) => expect(isDatabaseUrl(text)).toBe(text === 'postgresql://'),
  );

  it.each([
    ['postgres://u@h/d?port=70000', 'the port is not accepted'],
    ['postgres://u@h/d?host=a,b', 'several hosts are not accepted'],
    ['postgres://u@h/d?sslmode=strict', "sslmode 'strict' is not accepted; it wants one of disable, allow"],
    ['postgres://u@h/d?sslcert=/x', 'sslcert and sslkey are set together or not at all'],
    [
      'postgres://u@h/d?sslrootcert=/no/such/file',
      'sslrootcert: the file /no/such/file cannot be read (ENOENT)',
    ],
    ['postgres://u@h/d?service=mine', "there is no service 'mine'"],
  ])('%s is told: %s', (text, words) => {
    expect(read(text).problems.join('\n')).toContain(words);
  });
});

describe('libpq’s variables', () => {
  it('name a database where no DATABASE_URL does, and are told', () => {
    const env = { PGHOST: 'h', PGPORT: '6000', PGUSER: 'u', PGPASSWORD: 'p', PGDATABASE: 'd' };
    expect(read(null, env).address).toMatchObject({
      host: 'h',
      port: 6000,
      user: 'u',
      password: 'p',
      database: 'd',
      saidBy: 'PGHOST, PGDATABASE, PGUSER, PGPASSWORD',
    });
  });

  it.each(['PGHOST', 'PGHOSTADDR', 'PGUSER', 'PGDATABASE', 'PGPASSWORD', 'PGSERVICE'])(
    '%s alone says that a database is meant',
    (name) => expect(read(null, { [name]: 'x' }).address?.saidBy).toBe(name),
  );

  it.each([{}, { PGPORT: '1' }, { PGSSLMODE: 'require' }, { PGUSER: ' ' }])('%j name none', (env) => {
    expect(read(null, env as Record<string, string>).address).toBeNull();
  });

  it('fill in what a URL leaves out, and never overrule it', () => {
    const env = { PGHOST: 'other', PGUSER: 'other', PGPASSWORD: 'p', PGPORT: '6000', PGSSLMODE: 'disable' };
    expect(read('postgres://u@h/d', env).address).toMatchObject({
      host: 'h',
      port: 6000,
      user: 'u',
      password: 'p',
      protections: [false],
      saidBy: 'DATABASE_URL',
    });
  });

  it('leave the user and the database to the system, as libpq does', () => {
    const { address } = read(null, { PGHOST: 'h' });
    expect(address).toMatchObject({ user: userInfo().username, database: userInfo().username });
  });

  it('name a service, whose file stands before them', () => {
    const PGSERVICEFILE = join(folder, 'services');
    writeFileSync(PGSERVICEFILE, '[mine]\nhost=h\ndbname=d\nsslmode=disable\n');
    const env = { PGSERVICE: 'mine', PGSERVICEFILE, PGDATABASE: 'other', PGUSER: 'u' };
    expect(read(null, env).address).toMatchObject({
      host: 'h',
      database: 'd',
      user: 'u',
      protections: [false],
    });
    expect(read('postgres:///?service=mine', { PGSERVICEFILE, PGUSER: 'u' }).address?.host).toBe('h');
  });
});

test('a service file is read as libpq reads it', () => {
  const text = '# comment\n[a]\nhost = h\nport=1\n\n[b]\nhost=i\n[a]\nhost=late\n';
  expect(readService(text, 'a')).toEqual(
    new Map([
      ['host', 'h'],
      ['port', '1'],
    ]),
  );
  expect(readService(text, 'b')).toEqual(new Map([['host', 'i']]));
  expect(readService(text, 'c')).toBeNull();
});

describe('sslmode', () => {
  const none = { root: null, own: null };
  const known = { root: 'PEM', own: null };
  const anyHost = { ca: 'PEM', checkServerIdentity: expect.any(Function) };
  it.each([
    ['disable', none, [false]],
    ['allow', none, [false, { rejectUnauthorized: false }]],
    ['prefer', none, [{ rejectUnauthorized: false }, false]],
    ['require', none, [{ rejectUnauthorized: false }]],
    ['no-verify', known, [{ ca: 'PEM', rejectUnauthorized: false }]],
    // As with libpq: who names a CA wants it checked.
    ['require', known, [anyHost]],
    ['verify-ca', known, [anyHost]],
    ['verify-full', none, [{}]],
    ['verify-full', known, [{ ca: 'PEM' }]],
  ] as const)('%s with %j', (mode, certificates, expected) => {
    expect(protections(mode, certificates)).toEqual(expected);
  });

  it.each([
    ['?ssl=true', [{ rejectUnauthorized: false }]],
    ['', [{ rejectUnauthorized: false }, false]],
    ['?sslrootcert=system', [{}]],
  ])('of %j', (query, expected) => {
    expect(read(`postgres://u@h/d${query}`).address?.protections).toEqual(expected);
  });

  it('means nothing at a socket', () => {
    const { address, problems } = read('postgres://u@/d?host=/run&sslmode=verify-ca');
    expect({ protections: address?.protections, problems }).toEqual({ protections: [false], problems: [] });
  });

  it('finds the CA where libpq looks for it', () => {
    mkdirSync(join(folder, '.postgresql'));
    writeFileSync(join(folder, '.postgresql/root.crt'), 'PEM');
    const { address } = read('postgres://u@h/d?sslmode=verify-full', { HOME: folder });
    expect(address?.protections).toEqual([{ ca: 'PEM' }]);
  });
});

test('people are shown host, port and database, and nothing else', () => {
  expect(describeAddress(addressOf('postgres://u:secret@h:6000/d?options=secret'))).toBe('d on h:6000');
  expect(describeAddress(addressOf('postgres://u:secret@/d?host=/run/pg'))).toBe(
    'd at the socket /run/pg (5432)',
  );
});
