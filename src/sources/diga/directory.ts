import type { Agent, Directory, Phone } from '../../call.ts';
import { SourceError } from '../../errors.ts';
import type { JsonAnswer } from '../../http/read-answer.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { scrubPayload } from '../../scrub.ts';
import { AGENTS, type DigaList, type DigaPage, PHONES, readPage } from './page.ts';
import { digaAgent, digaPhone } from './payload.ts';
import { directoryQueryString } from './query.ts';

const PAGES_MAX = 100;

type Ask = (path: string, read: (answer: JsonAnswer) => DigaPage | null) => Promise<DigaPage | null>;

/** Agents and our own numbers. A key may be allowed to read one and not the other; null when it may read neither. */
export async function readDirectory(ask: Ask): Promise<Directory | null> {
  const agents = await readRows(ask, AGENTS);
  const phones = await readRows(ask, PHONES);
  if (agents === null && phones === null) return null;
  return { agents: agents?.flatMap(readAgent) ?? [], phones: phones?.flatMap(readPhone) ?? [] };
}

/** Null when the list is not there for this key: names are welcome, not needed. */
async function readRows(ask: Ask, list: DigaList): Promise<Json[] | null> {
  const rows: Json[] = [];
  const cursors = new Set<string>();
  let after: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const path: string = `${list.path}?${directoryQueryString(list, after)}`;
    const page: DigaPage | null = await ask(path, (answer) => readOne(answer, list)).catch(notAllowed);
    if (page === null) return null;
    rows.push(...page.rows);
    if (page.after === null || cursors.has(page.after)) break;
    cursors.add(page.after);
    after = page.after;
  }
  return rows;
}

function readOne({ status, json }: JsonAnswer, list: DigaList): DigaPage | null {
  if (status !== 200) return null;
  const isList = isJsonObject(json) && Array.isArray(json.data);
  return isList ? readPage(json, list) : { rows: [], after: null };
}

function notAllowed(error: unknown): null {
  if (error instanceof SourceError && (error.status === 403 || error.status === 405)) return null;
  throw error;
}

/** One that cannot be read has no name, and that is all. */
function readAgent(row: Json): Agent[] {
  const result = digaAgent.safeParse(scrubPayload(row).payload);
  if (!result.success) return [];
  const { agent_id: agentId, name, mode: type } = result.data;
  return [{ agentId, name, type }];
}

function readPhone(row: Json): Phone[] {
  const result = digaPhone.safeParse(scrubPayload(row).payload);
  if (!result.success) return [];
  const { id: phoneId, number, nickname: name } = result.data;
  return [{ phoneId, number, name }];
}
