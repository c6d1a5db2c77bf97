import Fastify, { type FastifyInstance } from 'fastify';
import { planBirths } from './births.ts';
import { controlApi } from './control.ts';
import { Faults } from './faults.ts';
import { type SandboxOptions, type SandboxSettings, settingsOf } from './options.ts';
import { RateLimit } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import { agentsOf } from './vox/agents.ts';
import { voxApi, voxTruth } from './vox/routes.ts';
import { VoxWorld } from './vox/world.ts';

/** A vendor's API, simulated over HTTP on this machine. */
export interface Sandbox {
  /** Where it listens, as in `http://127.0.0.1:40123`. */
  url: string;
  /** The base of the simulated vox.ai API: `url` and `/v3`. */
  voxBaseUrl: string;
  /** For `inject`, without a socket. */
  app: FastifyInstance;
  /** The calls behind the API. */
  world: VoxWorld;
  /** Switches faults on and off. */
  faults: Faults;
  /** What was asked, and how it was answered. */
  requests: RequestLog;
  /** Stops at once; connections that hang are cut. */
  close(): Promise<void>;
}

/** Where to listen. Default: a free port of 127.0.0.1. */
interface ListenOptions {
  host?: string;
  port?: number;
}

/** A sandbox that nobody listens for: `app.inject` is the way in. */
export type SilentSandbox = Omit<Sandbox, 'url' | 'voxBaseUrl'>;

/** Builds the world and listens. Calls live and change with the clock that `options.now` reads. */
export async function startSandbox(options: SandboxOptions & ListenOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', port = 0, ...rest } = options;
  const sandbox = buildSandbox(rest);
  const url = await sandbox.app.listen({ host, port });
  return { ...sandbox, url, voxBaseUrl: `${url}/v3` };
}

/** Builds the world and its API without listening, for a process that has no need of sockets. */
export function buildSandbox(options: SandboxOptions = {}): SilentSandbox {
  const settings = settingsOf(options);
  const world = buildWorld(settings);
  const faults = new Faults();
  const requests = new RequestLog();
  const app = Fastify({ forceCloseConnections: true });
  const { now, originMs, apiKey, dateSkewMs, retryAfterForm } = settings;
  const shared = { now, faults, requests };
  const rateLimit = new RateLimit(settings);
  app.register(
    (scope, _options, done) => {
      voxApi(scope, { ...shared, world, apiKey, originMs, dateSkewMs, retryAfterForm, rateLimit });
      done();
    },
    { prefix: '/v3' },
  );
  app.register(
    (scope, _options, done) => {
      controlApi(scope, { ...shared, truth: (nowMs) => voxTruth(world, faults, nowMs) });
      done();
    },
    { prefix: '/sandbox' },
  );
  return { app, world, faults, requests, close: () => app.close() };
}

function buildWorld(settings: SandboxSettings): VoxWorld {
  const agents = agentsOf(settings.seed);
  return new VoxWorld({ ...settings, agents }, planBirths(settings));
}
