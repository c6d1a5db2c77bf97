import Fastify, { type FastifyInstance } from 'fastify';
import type { DigaCall } from './diga/call.ts';
import { diga } from './diga/part.ts';
import type { DigaWorld } from './diga/world.ts';
import { type SandboxOptions, settingsOf } from './options.ts';
import { installVendor, type VendorSandbox } from './vendor.ts';
import type { VoicyCall } from './voicy/call.ts';
import { voicy } from './voicy/part.ts';
import type { VoicyWorld } from './voicy/world.ts';
import type { VoxCall } from './vox/call.ts';
import { vox } from './vox/part.ts';
import type { VoxWorld } from './vox/world.ts';

/** Vendors' APIs, simulated over HTTP on this machine. */
export interface Sandbox {
  /** Where it listens, as in `http://127.0.0.1:40123`. */
  url: string;
  vox: VendorSandbox<VoxWorld, VoxCall>;
  voicy: VendorSandbox<VoicyWorld, VoicyCall>;
  diga: VendorSandbox<DigaWorld, DigaCall>;
  /** For `inject`, without a socket. */
  app: FastifyInstance;
  /** Stops at once; connections that hang are cut. */
  close(): Promise<void>;
}

/** Where to listen. Default: a free port of 127.0.0.1. */
interface ListenOptions {
  host?: string;
  port?: number;
}

/** A sandbox that nobody listens for: `app.inject` is the way in. */
export type SilentSandbox = Omit<Sandbox, 'url'>;

/** Builds the worlds and listens. Calls live and change with the clock that `options.now` reads. */
export async function startSandbox(options: SandboxOptions & ListenOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', port = 0, ...rest } = options;
  let address = '';
  const sandbox = build(rest, () => address);
  address = await sandbox.app.listen({ host, port });
  return { ...sandbox, url: address };
}

/** Builds the worlds and their APIs without listening, for a process that has no need of sockets. */
export function buildSandbox(options: SandboxOptions = {}): SilentSandbox {
  return build(options, () => '');
}

function build(options: SandboxOptions, address: () => string): SilentSandbox {
  const settings = settingsOf(options);
  const app = Fastify({ forceCloseConnections: true });
  return {
    app,
    vox: installVendor(app, vox, settings, address),
    voicy: installVendor(app, voicy, settings, address),
    diga: installVendor(app, diga, settings, address),
    close: () => app.close(),
  };
}
