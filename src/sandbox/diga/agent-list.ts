import { DAY, HOUR } from '../../clock.ts';
import { Dice } from '../dice.ts';
import { type DigaAgent, versionId } from './agents.ts';
import { type Envelope, pageOf, pagingOf, soundPaging } from './paging.ts';
import { QueryReader } from './query.ts';
import { stamp } from './stamp.ts';

/** An agent in one of its versions, with the fields that the vendor always prints. */
interface AgentRow {
  agent_id: string;
  modified_at: string;
  created_at: string;
  version_id: string;
  version_name: string | null;
  version_number: number;
  version_created_at: string;
  is_draft: boolean;
  is_published: boolean;
  name: string;
  voice: { id: string; name: string; provider: string; provider_voice_id: string; is_favourite: boolean };
  language: 'es';
  mode: 'free' | 'path';
}

/** Answers `GET /agent/`: the draft of each agent, unless the published versions are asked for. */
export function agentPage(agents: readonly DigaAgent[], originMs: number, text: string): Envelope<AgentRow> {
  const reader = new QueryReader(text);
  const paging = pagingOf(reader, 10, 100);
  const mode = reader.oneOf('mode', ['free', 'path']);
  const published = reader.boolean('is_published') ?? false;
  soundPaging(reader, paging);
  const rows = agents
    .filter((agent) => mode === null || agent.mode === mode)
    .map((agent) => rowOf(agent, originMs, published))
    .sort((left, right) => (left.created_at < right.created_at ? -1 : 1));
  return pageOf(rows, (row) => row.agent_id, paging);
}

function rowOf(agent: DigaAgent, originMs: number, published: boolean): AgentRow {
  const dice = new Dice(agent.id, 'dates');
  const modifiedMs = originMs - dice.int(1, 20) * DAY - dice.int(0, DAY - 1);
  const createdMs = modifiedMs - dice.int(60, 400) * DAY;
  const version = published ? agent.publishedVersion : agent.publishedVersion + 1;
  return {
    agent_id: agent.id,
    modified_at: stamp(modifiedMs, 'milliseconds'),
    created_at: stamp(createdMs, 'milliseconds'),
    version_id: versionId(agent, version),
    version_name: published ? `Versión ${version}` : null,
    version_number: version,
    version_created_at: stamp(modifiedMs - dice.int(1, 90) * HOUR, 'milliseconds'),
    is_draft: !published,
    is_published: published,
    name: agent.name,
    voice: {
      id: dice.uuid(),
      name: dice.pick(['Alba', 'Bruno', 'Nerea']),
      provider: 'elevenlabs',
      provider_voice_id: dice.code(20),
      is_favourite: dice.chance(0.3),
    },
    language: 'es',
    mode: agent.mode,
  };
}
