import type { Duplex } from 'node:stream';
import pg from 'pg';
import pgpass from 'pgpass';
import { SECOND } from '../clock.ts';
import { ConfigError } from '../errors.ts';
import { addressOf, type DatabaseAddress } from './address.ts';
import { faultCode } from './faults.ts';
import { enterSession, limitsOf, NOT_AT_THE_START } from './session.ts';
import type { Protection } from './tls.ts';

/** How long a server has to let us in. */
export const CONNECT_WITHIN_MS = 15 * SECOND;

/** A server that let us in, and what it is like. */
export interface Reached {
  address: DatabaseAddress;
  /** What pg needs to come again, in the same way. */
  config: pg.ClientConfig;
  /** Whether a pooler stands between, that lends sessions. */
  isPooled: boolean;
  /** A standby, or a server or role that was set to be read-only. */
  isReadOnly: boolean;
  isEncrypted: boolean;
}

/** Logs in once, in the first of the ways that the address allows and the server takes. An abort ends the wait. */
export async function reach(address: DatabaseAddress, signal: AbortSignal): Promise<Reached> {
  const [first, second] = address.protections;
  try {
    return { address, ...(await reachBy(clientConfig(address, first ?? false), signal)) };
  } catch (error) {
    if (second === undefined || !isAboutTls(error)) throw error;
    return { address, ...(await reachBy(clientConfig(address, second), signal)) };
  }
}

/** The server has no TLS, or wants it, or cannot agree with us on how: then libpq tries without it, or with it. */
function isAboutTls(error: unknown): boolean {
  const code = faultCode(error);
  return (
    code !== null && (['no TLS', '28000', 'ECONNRESET', 'EPROTO'].includes(code) || /^ERR_SSL_/.test(code))
  );
}

async function reachBy(config: pg.ClientConfig, signal: AbortSignal): Promise<Omit<Reached, 'address'>> {
  const client = await openClient(config, signal);
  try {
    const { isOwn, isReadOnly } = await enterSession(client, limitsOf(config));
    return { config, isPooled: !isOwn, isReadOnly, isEncrypted: config.ssl !== false };
  } finally {
    await client.end();
  }
}

/** One connection, open. The caller ends it; an abort does so too, whatever it waits for. */
export async function openClient(config: pg.ClientConfig, signal?: AbortSignal): Promise<pg.Client> {
  const client = new pg.Client({
    ...config,
    ...NOT_AT_THE_START,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
  });
  // A connection that breaks fails the query that runs on it; without a listener it would end the process.
  client.on('error', () => undefined);
  const cut = () => cutOff(client);
  signal?.addEventListener('abort', cut, { once: true });
  client.once('end', () => signal?.removeEventListener('abort', cut));
  try {
    signal?.throwIfAborted();
    await client.connect();
    return client;
  } catch (error) {
    // What stays half open would keep the process from ending, and the other side may never say goodbye.
    cutOff(client);
    throw error;
  }
}

function cutOff(client: pg.Client): void {
  (client as unknown as { connection: { stream: Duplex } }).connection.stream.destroy();
}

/** What pg needs for a URL of our own, such as the embedded server's: it is taken as it stands, without trying TLS. */
export function configOf(url: string): pg.ClientConfig {
  const address = addressOf(url);
  return clientConfig(address, address.protections.at(-1) ?? false);
}

function clientConfig(address: DatabaseAddress, ssl: Protection): pg.ClientConfig {
  const { host, port, user, database, extras } = address;
  const { channel_binding, sslnegotiation, ...rest } = extras;
  return {
    application_name: 'callhouse',
    ...rest,
    host,
    port,
    user,
    database,
    ssl,
    ...(ssl !== false && sslnegotiation === 'direct' ? { sslnegotiation } : {}),
    enableChannelBinding: channel_binding !== undefined && channel_binding !== 'disable',
    // Asked for only by a server that wants one.
    password: () => findPassword(address),
  };
}

/** The password that was given, or the one of `~/.pgpass`. @throws ConfigError when there is none */
async function findPassword({
  password,
  host,
  port,
  user,
  database,
  saidBy,
}: DatabaseAddress): Promise<string> {
  const found =
    password ??
    (await new Promise<string | undefined>((resolve) => {
      pgpass({ host: host.startsWith('/') ? 'localhost' : host, port, user, database }, resolve);
    }));
  if (found !== undefined) return found;
  throw new ConfigError([
    `${saidBy}: the server wants a password for the user '${user}', and there is none. ` +
      'Fix: give it in DATABASE_URL (user:password@host), in PGPASSWORD, or in ~/.pgpass.',
  ]);
}
