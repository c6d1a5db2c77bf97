import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../../src/sandbox/conversation.ts';
import { Dice } from '../../../src/sandbox/dice.ts';
import { agentsOf } from '../../../src/sandbox/voicy/agents.ts';
import { formFor, personName } from '../../../src/sandbox/voicy/conversations/people.ts';
import { israelDay, lastMonth, workday } from '../../../src/sandbox/voicy/hebrew-calendar.ts';
import { ORIGIN_MS, openBench, SETTLED_MS } from './bench.ts';

const agents = agentsOf(1);

const tellings = agents.flatMap(({ scenario, fields }) =>
  scenario.branches.flatMap((branch, position) =>
    Array.from({ length: 40 }, (_, round) => {
      const dice = new Dice(scenario.name, position, round);
      const customer = personName(dice);
      const phone = `+97255501${dice.digits(4)}`;
      return { fields, customer, ...branch.tell({ dice, callAtMs: ORIGIN_MS, customer, phone }) };
    }),
  ),
);

describe('the conversations', () => {
  it('are about at least five matters, each with several courses', () => {
    expect(new Set(agents.map(({ scenario }) => scenario.name)).size).toBeGreaterThanOrEqual(5);
    expect(agents.every(({ scenario }) => scenario.branches.length >= 3)).toBe(true);
  });

  it('take six to thirty lines, in Hebrew letters, with no slot unfilled', () => {
    for (const { lines, summary } of tellings) {
      expect(lines.length).toBeGreaterThanOrEqual(6);
      expect(lines.length).toBeLessThanOrEqual(30);
      expect(`${JSON.stringify(lines)}${summary}`).not.toMatch(/undefined|NaN|\[object|\$\{/);
      for (const line of [...lines, { kind: 'summary' as const, text: summary }]) {
        if ('text' in line) expect(line.text).toMatch(/^[^a-z]*$|MT-|DR-/);
      }
    }
  });

  it('are summed up with a name that was said, if with one', () => {
    for (const { lines, summary, customer } of tellings) {
      if (summary.includes(customer)) expect(JSON.stringify(lines)).toContain(customer.split(' ')[0]);
    }
  });

  it('tell, in one course or another, every field that is extracted', () => {
    for (const { fields } of agents) {
      const own = tellings.filter((telling) => telling.fields === fields);
      const told = new Set(own.flatMap(({ lines }) => Object.keys(findingsOf(lines))));
      for (const field of fields) expect(told).toContain(field);
    }
  });

  it('stay inside their call, at a pace that a person can speak at', () => {
    const { vendor } = openBench({ pastCalls: 400 });
    for (const call of vendor.world.details(SETTLED_MS)) {
      const items = Array.isArray(call.transcript) ? call.transcript : [];
      const times = items.flatMap(({ timestamp_ms }) => timestamp_ms ?? []);
      expect(times).toEqual([...times].sort((left, right) => left - right));
      for (const atMs of times) {
        expect(atMs).toBeGreaterThanOrEqual(0);
        expect(atMs).toBeLessThanOrEqual(call.duration_ms ?? 0);
      }
      const letters = items.reduce((sum, { content }) => sum + content.length, 0);
      if (times.length > 2) expect(letters / ((call.duration_ms ?? 0) / 1_000)).toBeLessThan(20);
    }
  });
});

describe('the forms of words', () => {
  it('follow the person', () => {
    expect(formFor('נועה לוי')('ביקש', 'ביקשה')).toBe('ביקשה');
    expect(formFor('איתי לוי')('ביקש', 'ביקשה')).toBe('ביקש');
  });
});

describe('days in Israel', () => {
  it('are named from Sunday on and work until Thursday', () => {
    expect(israelDay(ORIGIN_MS).spoken).toBe('יום ראשון, 22 בנובמבר');
    expect(israelDay(Date.parse('2026-11-22T22:30:00Z')).iso).toBe('2026-11-23');
    expect(workday(ORIGIN_MS, 5).weekday).toBe('יום ראשון');
    expect(israelDay(ORIGIN_MS, 6).weekday).toBe('שבת');
    expect(lastMonth(Date.parse('2027-01-05T00:00:00Z'))).toBe('דצמבר');
  });
});
