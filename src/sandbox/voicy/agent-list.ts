import { DAY } from '../../clock.ts';
import { Dice } from '../dice.ts';
import type { VoicyAgent } from './agents.ts';

/** An agent as the API prints it. */
export function agentRow(agent: VoicyAgent, originMs: number): object {
  const dice = new Dice(agent.id, 'dates');
  const updatedMs = originMs - dice.int(1, 20) * DAY - dice.int(0, DAY - 1);
  return {
    agent_id: agent.id,
    name: agent.name,
    language: 'he-IL',
    voice: agent.voice,
    agent_type: agent.type,
    active: agent.active,
    prompt: `את נציגה אדיבה שמטפלת בשיחות בנושא ${agent.scenario.topic}. דברי בקצרה ובגובה העיניים.`,
    welcome_message: agent.scenario.greeting,
    created_at: new Date(updatedMs - dice.int(60, 400) * DAY).toISOString(),
    updated_at: new Date(updatedMs).toISOString(),
  };
}
