import type { FastifyInstance } from 'fastify';
import { controlApi } from './control.ts';
import { Faults } from './faults.ts';
import type { GateOptions } from './gate.ts';
import type { SandboxSettings } from './options.ts';
import { RateLimit } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';

/** How a vendor is played: one for each, in a folder of its own. */
export interface VendorPart<World, Call extends object> {
  name: string;
  /** Where its API begins, below the sandbox's address. */
  prefix: string;
  /** What comes behind the prefix in the base URL that clients are given. */
  baseUrlEndsAt: string;
  /** Requests that it admits where the options say nothing; 0 = no limit. */
  limits: { requestsPerSecond: number; requestsPerMinute: number };
  world(settings: SandboxSettings): World;
  /** Adds its routes, with paths relative to the prefix. */
  routes(app: FastifyInstance, options: VendorOptions<World>): void;
  /** Every call that exists, complete, as its API answers it when nothing goes wrong on the way. */
  truth(world: World, faults: Faults, nowMs: number): Iterable<Call>;
}

export interface VendorOptions<World> extends GateOptions {
  /** Built when it is first asked for. */
  readonly world: World;
  settings: SandboxSettings;
}

/** A vendor's API, its world behind it, what is wrong with it, and what it was asked. */
export interface VendorSandbox<World, Call extends object> {
  /** As clients are given it; without a host while nobody listens. */
  readonly baseUrl: string;
  readonly world: World;
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Every call that exists by then, complete. */
  truth(nowMs: number): Iterable<Call>;
}

/**
 * Adds a vendor's API below its prefix, and what watches and disturbs it below `/sandbox/<vendor>`. `address` is where
 * the app listens, once it does.
 */
export function installVendor<World, Call extends object>(
  app: FastifyInstance,
  part: VendorPart<World, Call>,
  settings: SandboxSettings,
  address: () => string,
): VendorSandbox<World, Call> {
  const { now, dateSkewMs, retryAfterForm } = settings;
  const faults = new Faults();
  const requests = new RequestLog();
  const rateLimit = new RateLimit({
    requestsPerSecond: settings.requestsPerSecond ?? part.limits.requestsPerSecond,
    requestsPerMinute: settings.requestsPerMinute ?? part.limits.requestsPerMinute,
  });
  let built: World | null = null;
  const vendor = {
    get baseUrl() {
      return `${address()}${part.baseUrlEndsAt}`;
    },
    get world() {
      built ??= part.world(settings);
      return built;
    },
    faults,
    requests,
    truth: (nowMs: number) => part.truth(vendor.world, faults, nowMs),
  };
  const gate = { now, faults, requests, dateSkewMs, retryAfterForm, rateLimit };
  app.register(
    (scope, _options, done) => {
      part.routes(scope, {
        ...gate,
        settings,
        get world() {
          return vendor.world;
        },
      });
      done();
    },
    { prefix: part.prefix },
  );
  app.register(
    (scope, _options, done) => {
      controlApi(scope, { now, faults, requests, truth: vendor.truth });
      done();
    },
    { prefix: `/sandbox/${part.name}` },
  );
  return vendor;
}
