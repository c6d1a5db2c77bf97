import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/json.ts';
import { findingsOf } from '../../src/sandbox/conversation.ts';
import { Dice } from '../../src/sandbox/dice.ts';
import { withParticle } from '../../src/sandbox/korean.ts';
import { agentsOf } from '../../src/sandbox/vox/agents.ts';
import { personName } from '../../src/sandbox/vox/conversations/people.ts';
import { transcriptOf } from '../../src/sandbox/vox/transcript.ts';
import { scrubPayload } from '../../src/scrub.ts';
import { redactText } from '../../src/secrets.ts';
import { first, ORIGIN_MS, SETTLED_MS, startBench } from './harness.ts';

const agents = agentsOf(1);
const scenarios = [...new Set(agents.flatMap((agent) => agent.lines.map((line) => line.scenario)))];

const tellings = scenarios.flatMap((scenario) =>
  scenario.branches.flatMap((branch, position) =>
    Array.from({ length: 40 }, (_, round) => {
      const dice = new Dice(scenario.name, position, round);
      const customer = personName(dice);
      const phone = `0101234${dice.digits(4)}`;
      return { scenario, customer, ...branch.tell({ dice, callAtMs: ORIGIN_MS, customer, phone }) };
    }),
  ),
);

describe('the conversations', () => {
  it('are about at least eight matters, each with several courses', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(8);
    expect(scenarios.every(({ branches }) => branches.length >= 3)).toBe(true);
  });

  it('take six to thirty items', () => {
    for (const { lines } of tellings) {
      const items = lines.reduce((sum, line) => sum + (line.kind === 'tool' ? 2 : 1), 0);
      expect(items).toBeGreaterThanOrEqual(6);
      expect(items).toBeLessThanOrEqual(30);
    }
  });

  it('hold nothing that is taken for a secret', () => {
    for (const telling of tellings) {
      const payload = parseJson(JSON.stringify(telling.lines));
      expect(scrubPayload(payload)).toEqual({ payload, cleanedTexts: 0 });
      expect(redactText(telling.summary)).toBe(telling.summary);
    }
  });

  it('leave no slot unfilled', () => {
    for (const { lines, summary } of tellings) {
      expect(`${JSON.stringify(lines)}${summary}`).not.toMatch(/undefined|NaN|\[object|\$\{/);
    }
  });

  it('are summed up with the name that was said', () => {
    for (const { lines, summary, customer } of tellings) {
      if (summary.includes(customer)) expect(JSON.stringify(lines)).toContain(customer);
    }
  });

  it('yield only values that somebody said, in the fields of the agent', () => {
    for (const agent of agents) {
      const known = new Set(agent.fields.map(({ name }) => name));
      const own = tellings.filter(({ scenario }) => agent.lines.some((line) => line.scenario === scenario));
      for (const { lines } of own) {
        const findings = findingsOf(lines);
        if (agent.fields.length > 0)
          expect(Object.keys(findings).every((name) => known.has(name))).toBe(true);
        const plate = findings.other_vehicle_number;
        if (plate) expect(JSON.stringify(lines)).toContain(plate);
        const cost = findings.estimated_cost_krw;
        if (cost) expect(JSON.stringify(lines)).toContain(Number(cost).toLocaleString('en-US'));
      }
    }
  });

  it('say a pace that a person can speak at, and stay inside their call', async () => {
    const { sandbox } = await startBench({ pastCalls: 600 });
    for (const call of sandbox.vox.world.details(SETTLED_MS)) {
      for (const item of call.transcript ?? []) {
        if (!('start_at' in item) || item.start_at === undefined || item.end_at === undefined) continue;
        expect(item.start_at).toBeGreaterThanOrEqual(call.start_at ?? 0);
        expect(item.end_at).toBeLessThanOrEqual(call.end_at ?? 0);
        expect(item.content.length / ((item.end_at - item.start_at) / 1_000)).toBeLessThan(11);
      }
    }
  });

  it('pair tool results with invocations, rarely leaving one alone', async () => {
    const { sandbox } = await startBench({ pastCalls: 1_500 });
    let results = 0;
    let alone = 0;
    for (const { transcript } of sandbox.vox.world.details(SETTLED_MS)) {
      const invoked = new Set(
        (transcript ?? []).flatMap((item) => ('arguments' in item ? item.tool_call_id : [])),
      );
      for (const item of transcript ?? []) {
        if (item.role !== 'tool_call_result') continue;
        JSON.parse(item.content);
        results += 1;
        if (!invoked.has(item.tool_call_id)) alone += 1;
      }
    }
    expect(alone).toBeGreaterThan(0);
    expect(alone / results).toBeLessThan(0.05);
  });

  it('lack item times altogether in some calls', async () => {
    const { sandbox } = await startBench({ pastCalls: 300 });
    const spoken = [...sandbox.vox.world.details(SETTLED_MS)].flatMap(({ transcript }) =>
      transcript?.length ? [transcript.filter((item) => 'content' in item && !('tool_call_id' in item))] : [],
    );
    const untimed = spoken.filter((items) => items.every((item) => !('start_at' in item)));
    expect(untimed.length / spoken.length).toBeGreaterThan(0.05);
    expect(untimed.length / spoken.length).toBeLessThan(0.25);
  });

  it('are empty where nobody answered', async () => {
    const { sandbox } = await startBench();
    const call = first([...sandbox.vox.world.details(SETTLED_MS)].filter((one) => one.start_at === null));
    const plan = sandbox.vox.world.planOf(call.id, SETTLED_MS);
    expect(plan && transcriptOf(plan, [])).toEqual([]);
  });
});

describe('Korean particles', () => {
  it('follow the last sound of the word', () => {
    expect(withParticle('예약', '을/를')).toBe('예약을');
    expect(withParticle('주소', '을/를')).toBe('주소를');
    expect(withParticle('오후 3시', '으로/로')).toBe('오후 3시로');
    expect(withParticle('3시 30분', '으로/로')).toBe('3시 30분으로');
    expect(withParticle('화요일', '으로/로')).toBe('화요일로');
    expect(withParticle('8177', '으로/로')).toBe('8177로');
    expect(withParticle('3606', '으로/로')).toBe('3606으로');
  });
});
