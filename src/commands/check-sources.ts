import { DAY, MINUTE, SECOND } from '../clock.ts';
import { formatDuration } from '../config/duration.ts';
import { PartRefusedError, SourceError } from '../errors.ts';
import type { Budget } from '../http/budget.ts';
import { networkFault, STAGES } from '../http/network-fault.ts';
import { createHttpTransport } from '../http/transport.ts';
import { keepSecret } from '../secrets.ts';
import type { ListQuery, Page, Source } from '../source.ts';
import { keySettings, vendorOf } from '../sources/index.ts';
import { type CommandContext, clock } from './command.ts';
import { type Finding, finding, well } from './finding.ts';

/** What each vendor answers. */
export async function checkSources({ settings, log, signal }: CommandContext): Promise<Finding[]> {
  if (settings.sources.length === 0) {
    return [finding('sources', false, 'none is configured', `Set ${keySettings()}.`)];
  }
  for (const { apiKey } of settings.sources) keepSecret(apiKey);
  const { transport, close } = createHttpTransport();
  try {
    const sources = settings.sources.map(({ name, vendor, apiKey, baseUrl, switches }) =>
      vendorOf(vendor).create(
        { name, apiKey, baseUrl, switches },
        {
          transport,
          clock,
          random: Math.random,
          counts: { sent: { list: 0, detail: 0, other: 0 }, retries: 0 },
          budget: ONE_REQUEST,
          limits: { retry: { retries: 1, firstWaitMs: SECOND, waitMaxMs: SECOND } },
          onRetry: (fault) => log.debug({ source: name, ...fault }, 'request failed, trying again'),
        },
      ),
    );
    return (await Promise.all(sources.map((source) => checkSource(source, signal)))).flat();
  } finally {
    await close();
  }
}

/** One request, and one more when it fails: no budget is needed, and there may be no database to keep it in. */
const ONE_REQUEST: Budget = {
  take: async () => undefined,
  block: async () => undefined,
  refused: async () => undefined,
};

/** One list request, one call and the names tell of the way there, the key, its rights and the vendor's clock. */
async function checkSource(source: Source, signal: AbortSignal): Promise<Finding[]> {
  const what = `source ${source.name}`;
  try {
    const page = await source.listCalls(newestCalls(), () => undefined, signal);
    const skewMs = page.vendorNow === null ? 0 : Math.abs(page.vendorNow - page.requestedAt);
    return [
      well(what, `${source.baseUrl} accepts the key and lists calls`),
      await checkTranscripts(source, page, signal),
      await checkNames(source, signal),
      finding(
        `${what} clock`,
        skewMs < MINUTE,
        `${formatDuration(skewMs)} apart from this machine`,
        'Set the clock of this machine (NTP). Windows follow the vendor’s clock meanwhile.',
      ),
    ];
  } catch (error) {
    signal.throwIfAborted();
    return failed(source, error);
  }
}

/** How far the request came, and where it broke. */
function failed({ name, vendor, baseUrl }: Source, error: unknown): Finding[] {
  const what = `source ${name}`;
  const detail = error instanceof Error ? error.message : String(error);
  const fault = networkFault(error, baseUrl);
  if (fault !== null) {
    // A proxy looks the name up itself, and TLS is talked about through it: what came before is not known there.
    const passed = fault.stage === 'proxy' ? [] : STAGES.slice(0, STAGES.indexOf(fault.stage));
    const isHttps = baseUrl.startsWith('https:');
    return [
      ...passed
        .filter((stage) => stage !== 'proxy' && (stage !== 'TLS' || isHttps))
        .map((stage) => well(`${what} ${stage}`, `gets there`)),
      finding(
        `${what} ${fault.stage}`,
        false,
        `${fault.code} at ${baseUrl}`,
        capitalized(fault.advice ?? 'Try again in a moment.'),
      ),
    ];
  }
  const prefix = vendorOf(vendor).settingPrefix;
  const ours = '(in CALLHOUSE_CONFIG its api_key and base_url)';
  if (error instanceof PartRefusedError) {
    return [
      well(`${what} key`, 'accepted'),
      { what, ok: false, detail, fix: 'Give the key the right that is named.' },
    ];
  }
  if (error instanceof SourceError && (error.status === 401 || error.status === 403)) {
    return [
      finding(
        `${what} key`,
        false,
        detail,
        `Check ${prefix}_API_KEY ${ours}: is it of this vendor and account?`,
      ),
    ];
  }
  return [finding(what, false, detail, `Check ${prefix}_BASE_URL and ${prefix}_API_KEY ${ours}.`)];
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function newestCalls(): ListQuery {
  const window = { from: clock.now() - DAY, to: null };
  return { window, openOnly: false, order: 'newest_first', cursor: null, urgency: 'live' };
}

/** Asks for one call of the list, because a key may list calls and not read what was said in them. */
async function checkTranscripts(source: Source, page: Page, signal: AbortSignal): Promise<Finding> {
  const what = `source ${source.name} transcripts`;
  const callId = page.calls.find((call) => call.callId !== null)?.callId ?? null;
  if (callId === null) return well(what, 'not tried: the vendor lists no call of the last day');
  try {
    await source.readCall(callId, 'transcript', signal);
    return well(what, 'a call can be read');
  } catch (error) {
    if (!(error instanceof PartRefusedError)) throw error;
    return finding(what, false, error.message, 'Give the key the right that is named.');
  }
}

/** Names are welcome, not needed. */
async function checkNames(source: Source, signal: AbortSignal): Promise<Finding> {
  const directory = await source.readDirectory(signal);
  const detail = directory
    ? `${directory.agents.length} agents${directory.phones.length > 0 ? `, ${directory.phones.length} numbers` : ''}`
    : 'the key may not list agents: calls are stored without their names';
  return well(`source ${source.name} names`, detail);
}
