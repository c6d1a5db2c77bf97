import { DAY } from '../../clock.ts';
import { Dice } from '../dice.ts';
import type { VoxAgent } from './agents.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { choice, limitOf, readQuery, single } from './query.ts';

const AGENT_PARAMETERS = ['q', 'type', 'sort_order', 'cursor', 'limit'] as const;

/** An agent as the API lists it. Times are unix ms. */
interface VoxAgentRow {
  agent_id: string;
  name: string;
  type: 'single_prompt' | 'flow';
  created_at: number;
  updated_at: number;
  production_version: string;
}

/** Answers `GET /agents`: sorted by creation, newest first unless asked otherwise. */
export function agentPage(agents: readonly VoxAgent[], originMs: number, text: string): object {
  const values = readQuery(text, AGENT_PARAMETERS);
  const q = single(values, 'q')?.toLowerCase() ?? '';
  const type = choice(values, 'type', ['single_prompt', 'flow']);
  const order = choice(values, 'sort_order', ['asc', 'desc']) ?? 'desc';
  const limit = limitOf(values);
  const filters = `agents&${order}&${type ?? ''}&${q}`;
  const cursor = single(values, 'cursor');
  const behind = cursor === null ? null : readCursor(cursor, filters).id;
  const matching = agents
    .map((agent) => rowOf(agent, originMs))
    .filter((row) => row.name.toLowerCase().includes(q) && (type === null || row.type === type))
    .sort((left, right) => (order === 'asc' ? 1 : -1) * (left.created_at - right.created_at));
  const start = behind === null ? 0 : matching.findIndex((row) => row.agent_id === behind) + 1;
  const items = matching.slice(start, start + limit);
  const last = items.at(-1);
  const more = last !== undefined && start + limit < matching.length;
  return {
    items,
    total_count: matching.length,
    next_cursor: more ? writeCursor({ keyMs: last.created_at, id: last.agent_id }, filters) : null,
  };
}

function rowOf(agent: VoxAgent, originMs: number): VoxAgentRow {
  const dice = new Dice(agent.id, 'dates');
  const updatedMs = originMs - dice.int(1, 20) * DAY - dice.int(0, DAY - 1);
  return {
    agent_id: agent.id,
    name: agent.name,
    type: agent.type,
    created_at: updatedMs - dice.int(60, 400) * DAY,
    updated_at: updatedMs,
    production_version: `v${agent.productionVersion}`,
  };
}
