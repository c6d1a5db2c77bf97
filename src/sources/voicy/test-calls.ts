import { isTerminal } from '../../call.ts';
import { TransientError } from '../../errors.ts';
import { isJsonObject } from '../../json.ts';
import type { ListedCall, Page, TimeWindow } from '../../source.ts';
import type { ListQuestion } from './query.ts';
import { asTestCall } from './record.ts';
import { statusOf } from './words.ts';

/** Asks for a page of the list that leaves test calls out. */
export type AskWithout = (question: ListQuestion) => Promise<Page>;

/**
 * Marks the test calls of a page that was asked for with them. The vendor does not tell them apart, but hides them when
 * told to: what the same time does not show without them is one.
 */
export async function markTestCalls(page: Page, asked: ListQuestion, ask: AskWithout): Promise<Page> {
  const testCalls = new Set(await findTestCalls(page.calls, { ...asked, cursor: null }, ask));
  return { ...page, calls: page.calls.map((call) => (testCalls.has(call) ? asTestCall(call) : call)) };
}

async function findTestCalls(
  calls: readonly ListedCall[],
  asked: ListQuestion,
  ask: AskWithout,
): Promise<ListedCall[]> {
  const steady = calls.filter(isSteady);
  // Open calls may be days apart, so the same question narrows them down first. What it leaves may be test calls, or
  // have ended between the two requests: their time tells.
  const suspects = asked.openOnly && steady.length > 0 ? await withoutListed(steady, asked, ask) : steady;
  if (suspects.length === 0) return [];
  const window = spanOf(suspects, asked.window);
  return withoutListed(suspects, { ...asked, openOnly: false, window }, ask);
}

/** Whether a call stays in its place. One without a time is placed anew when it gets one, and gets none once it is over. */
function isSteady({ callId, listedAt, payloads: { list } }: ListedCall): boolean {
  if (callId === null || !isJsonObject(list)) return false;
  return (
    listedAt !== null || (typeof list.call_status === 'string' && isTerminal(statusOf(list.call_status)))
  );
}

/** The time of calls, as they were listed. Where one without a time stands at an end, only the whole window is sure. */
function spanOf(calls: readonly ListedCall[], window: TimeWindow | null): TimeWindow | null {
  const isOpenEnded = [calls[0], calls.at(-1)].some((call) => call?.listedAt === null);
  if (isOpenEnded) return window;
  const times = calls.flatMap(({ listedAt }) => listedAt ?? []);
  return { from: Math.min(...times), to: Math.max(...times) + 1 };
}

/** The calls that the answer to a question does not show. It may have a page more than the calls: times are shared. */
async function withoutListed(
  calls: readonly ListedCall[],
  question: ListQuestion,
  ask: AskWithout,
): Promise<ListedCall[]> {
  const listed = new Set<string | null>();
  let { cursor } = question;
  do {
    const before = listed.size;
    const page = await ask({ ...question, cursor });
    for (const { callId } of page.calls) listed.add(callId);
    cursor = page.nextCursor;
    if (cursor !== null && listed.size === before) {
      throw new TransientError('POST /call-list answered the same page again: it would never end');
    }
  } while (cursor !== null);
  return calls.filter(({ callId }) => !listed.has(callId));
}
