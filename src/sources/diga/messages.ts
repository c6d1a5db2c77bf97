import { SourceError, TransientError } from '../../errors.ts';
import type { JsonAnswer } from '../../http/read-answer.ts';
import { refusal } from '../../http/refusal.ts';
import type { Json } from '../../json.ts';
import { type DigaPage, MESSAGES, readPage } from './page.ts';
import { messageQueryString } from './query.ts';
import { errorCode, isUnknownAddress, partRefused } from './refusal.ts';

const PAGES_MAX = 100;

export interface CallMessages {
  messages: Json[];
  /** What was answered first: what was said later may be missing. */
  first: JsonAnswer;
}

interface MessagePage extends DigaPage {
  answer: JsonAnswer;
}

/**
 * All messages of a call, in as many requests as it takes. Null when the vendor does not know the call.
 * @throws PartRefusedError when this account has no messages to read, TransientError when they never end
 */
export async function readMessages(
  ask: (query: string, read: (answer: JsonAnswer) => MessagePage) => Promise<MessagePage>,
  isKnown: () => Promise<boolean>,
): Promise<CallMessages | null> {
  const messages: Json[] = [];
  const cursors = new Set<string>();
  let after: string | null = null;
  let first: JsonAnswer | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page: MessagePage = await ask(messageQueryString(after), (answer) => readOne(answer, cursors));
    if (page.answer.status === 404 && !(await isOfKnownCall(page.answer.json, isKnown))) return null;
    first ??= page.answer;
    messages.push(...page.rows);
    if (page.after === null) return { messages, first };
    cursors.add(page.after);
    after = page.after;
  }
  throw new TransientError(`GET ${MESSAGES.path} did not end after ${PAGES_MAX} pages`);
}

function readOne(answer: JsonAnswer, cursors: ReadonlySet<string>): MessagePage {
  const { status, json } = answer;
  if (status === 404) return { rows: [], after: null, answer };
  if (status !== 200) {
    throw new SourceError(`GET ${MESSAGES.path} answered ${status}: ${refusal(json)}`, { status });
  }
  const page = readPage(json, MESSAGES);
  if (page.after !== null && cursors.has(page.after)) {
    throw new TransientError(`GET ${MESSAGES.path} repeated a cursor: it would never end`);
  }
  return { ...page, answer };
}

/** A 404 means that there are no messages, that there is no call, or that there is no such address. */
async function isOfKnownCall(json: Json, isKnown: () => Promise<boolean>): Promise<boolean> {
  const code = errorCode(json);
  if (code === 'NO_MESSAGES_FOR_CALL') return true;
  if (code === 'CALL_NOT_FOUND' || !(await isKnown())) return false;
  if (isUnknownAddress(json)) throw partRefused('transcript', MESSAGES.path, { status: 404, words: null });
  return true;
}
