import type { Transport } from '../../src/http/transport.ts';
import type { SilentSandbox } from '../../src/sandbox/server.ts';
import type { Network } from './network.ts';
import type { OperationLog } from './operation-log.ts';
import type { Chronicle } from './play.ts';
import { perform, type Strand } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { BrokenAnswer, Story } from './story.ts';
import { vendorOf } from './vendors/index.ts';

/** The way there differs little, as the budget assumes; the answer takes as long as it takes. */
const WAY_THERE_MS = { min: 5, max: 25 };
const ANSWER_MS = { min: 20, max: 400 };
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER / 4;

interface Surroundings {
  scheduler: Scheduler;
  log: OperationLog;
  story: Story;
  chronicle: Pick<Chronicle, 'brokenDetails'>;
  sandbox: SilentSandbox;
  network: Network;
}

/** Asks the sandbox without a socket. Faults of the network are played here: there is nothing else to break. */
export function inProcessTransport(surroundings: Surroundings, strand: Strand): Transport {
  const { scheduler, sandbox, network, log, story } = surroundings;
  const { dice } = strand.process.worker;
  const vendor = vendorOf(strand.vendor);
  const { requests } = vendor.case.in(sandbox);
  return async ({ method, url, headers, body: sent }, signal) => {
    const asked = { path: url.slice(new URL(url).origin.length), body: sent };
    const { path, body: payload } = vendor.withPageSize(asked, story.world.pageSize);
    const operation = {
      label: `${method} ${path}`,
      kind: 'request' as const,
      latencyMs: dice.int(WAY_THERE_MS.min, WAY_THERE_MS.max),
      signal,
    };
    const answer = await perform(surroundings, strand, operation, () =>
      sandbox.app.inject({ method, url: path, headers, ...(payload === null ? {} : { payload }) }),
    );
    if (strand.isHeldUp) log.heldUp.get(strand.vendor)?.add(requests.entries.length - 1);
    strand.isHeldUp = false;
    const call = vendor.askedFor(path);
    const broken = call && surroundings.chronicle.brokenDetails.get(call.callId);
    const strike = network.strike(strand.vendor);
    if (strike || broken || isSpoilt(answer)) log.spoiltAnswers[strand.vendor] += 1;
    const wait = (ms: number) => scheduler.turn(strand, ms, { signal });
    await wait(dice.int(ANSWER_MS.min, ANSWER_MS.max) + (strike?.fault === 'slow' ? strike.delayMs : 0));
    if (strike?.fault === 'reset') throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    if (strike?.fault === 'hang' || broken === 'hang') await wait(FOR_EVER_MS);
    const body = call && broken ? brokenBody(broken, call.field, answer.payload) : answer.rawPayload;
    const half = body.subarray(0, Math.floor(body.length / 2));
    return {
      status: broken === 'server_error' ? 500 : answer.statusCode,
      headers: {
        ...flatten(answer.headers),
        ...(strike?.fault === 'wrong_date' ? wrongDate(answer.headers, strike.delayMs) : {}),
      },
      body:
        strike?.fault === 'hang_body'
          ? begun(half, () => wait(FOR_EVER_MS))
          : inOnePiece(strike?.fault === 'truncated' ? half : body),
    };
  };
}

/** An answer that another fault has spoilt already stays as it is. */
function brokenBody(broken: BrokenAnswer, field: string, payload: string): Uint8Array {
  if (broken !== 'without_id') return Buffer.from('null');
  try {
    const { [field]: _, ...rest } = JSON.parse(payload) as Record<string, unknown>;
    return Buffer.from(JSON.stringify(rest));
  } catch {
    return Buffer.from(payload);
  }
}

async function* inOnePiece(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}

async function* begun(half: Uint8Array, wait: () => Promise<void>): AsyncGenerator<Uint8Array> {
  yield half;
  await wait();
}

/** As a cache between us and the vendor tells it, or a machine of the vendor's whose clock is wrong. */
function wrongDate({ date }: { date?: string | number | undefined }, byMs: number): { date: string } {
  return { date: new Date(Date.parse(String(date)) + byMs).toUTCString() };
}

function flatten(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

/** Whether an answer is none that could be read: a call that is not there is one. */
function isSpoilt({ statusCode, payload }: { statusCode: number; payload: string }): boolean {
  return (statusCode !== 200 && statusCode !== 404) || !/^(?:\{.*\}|\[.*\])$/s.test(payload);
}
