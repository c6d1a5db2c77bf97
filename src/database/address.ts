import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parse } from 'pg-connection-string';
import { ConfigError } from '../errors.ts';
import { readService } from './service-file.ts';
import { type Certificates, type Protection, protections, SSL_MODES, type SslMode } from './tls.ts';

/** Where a PostgreSQL is, and as whom to log in. */
export interface DatabaseAddress {
  /** A name, an address, or the folder of a unix socket. */
  host: string;
  port: number;
  user: string;
  database: string;
  /** Null: `~/.pgpass` may have one. */
  password: string | null;
  /** With or without TLS, in the order in which it is tried. */
  protections: readonly Protection[];
  /** More of what pg and libpq take, as it was written. */
  extras: Readonly<Record<string, string>>;
  /** Which settings said so, for messages. */
  saidBy: string;
}

/** Values by libpq's names, such as `host`, `dbname` and `sslmode`. */
type Values = ReadonlyMap<string, string>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of libpq by the name that a URL gives the same. */
const VARIABLES = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  service: 'PGSERVICE',
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslnegotiation: 'PGSSLNEGOTIATION',
} as const;

/** Those that say that a database is meant. The others only say how to reach it. */
const NAMING = ['service', 'host', 'hostaddr', 'dbname', 'user', 'password'] as const;

/** What pg takes besides: limits of a session, which we set otherwise, and how TLS begins. */
const EXTRAS = [
  'options',
  'application_name',
  'sslnegotiation',
  'channel_binding',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
] as const;

/** Whether a text is a URL of a PostgreSQL. What pg makes of it counts, so that it is read one way only. */
export function isDatabaseUrl(text: string): boolean {
  return valuesOfUrl(text) !== null;
}

/** The address that a URL of our own says, such as the embedded server's. @throws ConfigError */
export function addressOf(url: string): DatabaseAddress {
  const problems: string[] = [];
  const address = readAddress({ text: url, where: 'the address' }, {}, problems);
  if (address === null || problems.length > 0) throw new ConfigError(problems);
  return address;
}

/**
 * The database that is meant: by the URL first, then by the service that one of both names, then by libpq's variables, as
 * libpq has it. Null when nothing names one.
 */
export function readAddress(
  url: { text: string; where: string } | null,
  env: Environment,
  problems: string[],
): DatabaseAddress | null {
  const ofEnvironment = valuesOfEnvironment(env);
  const named = NAMING.filter((key) => ofEnvironment.has(key));
  if (url === null && named.length === 0) return null;
  const saidBy = url?.where ?? named.map((key) => VARIABLES[key]).join(', ');
  const given = (url && valuesOfUrl(url.text)) ?? new Map<string, string>();
  const service = given.get('service') ?? ofEnvironment.get('service');
  const ofService = service === undefined ? new Map<string, string>() : readServices(service, env, problems);
  const values = new Map([...ofEnvironment, ...ofService, ...given]);
  return toAddress(values, env, saidBy, problems);
}

/** Host, port and database, for people. No user and no secret. */
export function describeAddress({ host, port, database }: DatabaseAddress): string {
  return host.startsWith('/')
    ? `${database} at the socket ${host} (${port})`
    : `${database} on ${host}:${port}`;
}

function toAddress(values: Values, env: Environment, saidBy: string, problems: string[]): DatabaseAddress {
  const port = Number(values.get('port') ?? 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    problems.push(`${saidBy}: the port is not accepted; it wants a whole number from 1 to 65535`);
  }
  const host = values.get('hostaddr') ?? values.get('host') ?? usualHost(port);
  if (host.includes(',')) problems.push(`${saidBy}: several hosts are not accepted; name the primary alone`);
  const user = values.get('user') ?? systemUser();
  if (user === '') problems.push(`${saidBy}: it names no user; add one`);
  const isSocket = host.startsWith('/');
  return {
    host,
    port,
    user,
    database: values.get('dbname') ?? user,
    password: values.get('password') ?? null,
    // A socket file needs no TLS, whatever is asked of others.
    protections: isSocket ? [false] : readProtections(values, env, saidBy, problems),
    extras: Object.fromEntries(
      EXTRAS.flatMap((key) => (values.has(key) ? [[key, values.get(key) ?? '']] : [])),
    ),
    saidBy,
  };
}

/** Files that pg's parser would read, and say nothing of use about when it cannot. */
const READ_BY_US = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl', 'sslnegotiation', 'uselibpqcompat'];

function valuesOfUrl(text: string): Map<string, string> | null {
  if (!/^postgres(ql)?:\/\//.test(text)) return null;
  const [base = '', query = ''] = splitAt(text, '?');
  const parameters = new URLSearchParams(query);
  const ours = READ_BY_US.flatMap((key) => {
    const value = parameters.get(key);
    parameters.delete(key);
    return value === null || value === '' ? [] : [[key, value] as const];
  });
  try {
    const { database, ...rest } = parse(`${base}?${parameters}`) as Record<string, string | null>;
    const values = Object.entries({ ...rest, dbname: database ?? rest.dbname ?? null });
    return new Map([...values.filter((entry): entry is [string, string] => Boolean(entry[1])), ...ours]);
  } catch {
    return null;
  }
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function valuesOfEnvironment(env: Environment): Map<string, string> {
  const set = Object.entries(VARIABLES).map(([key, name]) => [key, env[name]?.trim() ?? ''] as const);
  return new Map(set.filter(([, value]) => value !== ''));
}

/** A service of the user's file, or of the system's. */
function readServices(name: string, env: Environment, problems: string[]): Map<string, string> {
  const files = [
    env.PGSERVICEFILE ?? join(env.HOME ?? '', '.pg_service.conf'),
    join(env.PGSYSCONFDIR ?? '/etc/postgresql-common', 'pg_service.conf'),
  ];
  for (const file of files.filter((path) => existsSync(path))) {
    const found = readService(readFileSync(file, 'utf8'), name);
    if (found !== null) return found;
  }
  problems.push(`PGSERVICE: there is no service '${name}' in ${files.join(' or ')}`);
  return new Map();
}

function readProtections(
  values: Values,
  env: Environment,
  saidBy: string,
  problems: string[],
): readonly Protection[] {
  const root = values.get('sslrootcert') ?? usualRoot(env);
  const wanted = values.get('sslmode') ?? (isYes(values.get('ssl')) ? 'require' : 'prefer');
  // As in libpq, whom the system trusts is asked for a host by name.
  const mode = root === 'system' ? 'verify-full' : wanted;
  if (!isSslMode(mode)) {
    problems.push(`${saidBy}: sslmode '${mode}' is not accepted; it wants one of ${SSL_MODES.join(', ')}`);
    return [false];
  }
  if (mode === 'verify-ca' && root === null) {
    problems.push(
      `${saidBy}: sslmode verify-ca wants the file of the CA in sslrootcert; ` +
        'for a certificate of a public CA use verify-full, because anybody can have one of those',
    );
  }
  const read = (key: string, path: string) => readPem(`${saidBy}: ${key}`, path, problems);
  const [cert, key] = [values.get('sslcert'), values.get('sslkey')];
  if ((cert === undefined) !== (key === undefined)) {
    problems.push(`${saidBy}: sslcert and sslkey are set together or not at all`);
  }
  const certificates: Certificates = {
    root: root === null || root === 'system' ? null : read('sslrootcert', root),
    own: cert && key ? { cert: read('sslcert', cert), key: read('sslkey', key) } : null,
  };
  return protections(mode, certificates);
}

const isYes = (text: string | undefined): boolean => text === 'true' || text === '1';
const isSslMode = (text: string): text is SslMode => (SSL_MODES as readonly string[]).includes(text);

function readPem(where: string, path: string, problems: string[]): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    problems.push(`${where}: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return '';
  }
}

/** Where libpq looks for a root certificate that nothing names. */
function usualRoot(env: Environment): string | null {
  const path = join(env.HOME ?? '', '.postgresql', 'root.crt');
  return env.HOME && existsSync(path) ? path : null;
}

/** Where libpq looks for a server that nothing names: at the socket of this machine. */
function usualHost(port: number): string {
  const folders = ['/var/run/postgresql', '/tmp'];
  return folders.find((folder) => existsSync(join(folder, `.s.PGSQL.${port}`))) ?? 'localhost';
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
