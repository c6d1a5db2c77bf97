import { describe, expect, it } from 'vitest';
import { HOUR } from '../../../src/clock.ts';
import { Dice } from '../../../src/sandbox/dice.ts';
import { agentsOf } from '../../../src/sandbox/diga/agents.ts';
import { personName } from '../../../src/sandbox/diga/conversations/people.ts';
import { clockTime, dayOf, euros, lastMonth, readOut, workday } from '../../../src/sandbox/diga/spanish.ts';
import { ORIGIN_MS, SETTLED_MS, startBench } from './bench.ts';

const scenarios = [...new Set(agentsOf(1).flatMap(({ lines }) => lines.map(({ scenario }) => scenario)))];
const tellings = scenarios.flatMap((scenario) =>
  scenario.branches.flatMap((branch, position) =>
    Array.from({ length: 40 }, (_, round) => {
      const dice = new Dice(scenario.name, position, round);
      const setting = {
        dice,
        callAtMs: ORIGIN_MS + round * 7 * HOUR,
        customer: personName(dice),
        phone: '+34600121234',
      };
      return branch.tell(setting).lines;
    }),
  ),
);

describe('the conversations', () => {
  it('are about five matters, each with several courses', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(5);
    expect(scenarios.every(({ branches }) => branches.length >= 3)).toBe(true);
  });

  it('take a dozen lines or two, and leave no slot unfilled', () => {
    for (const lines of tellings) {
      expect(lines.length).toBeGreaterThanOrEqual(10);
      expect(lines.length).toBeLessThanOrEqual(26);
      expect(JSON.stringify(lines)).not.toMatch(/undefined|NaN|\[object|\$\{/);
    }
  });

  it('begin every sentence with a capital', () => {
    for (const line of tellings.flat()) {
      if (line.kind !== 'tool') expect(line.text).toMatch(/^[¿¡]?\p{Lu}/u);
    }
  });

  it('are held at a pace that a person can speak at', () => {
    const { vendor } = startBench({ pastCalls: 300 });
    for (const { id, messages } of vendor.world.details(SETTLED_MS)) {
      const plan = vendor.world.planOf(id, SETTLED_MS);
      if (plan?.outcome.ending !== 'whole') continue;
      const letters = messages.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
      expect(letters / (plan.talkMs / 1_000)).toBeLessThan(24);
      expect(letters / (plan.talkMs / 1_000)).toBeGreaterThan(6);
    }
  });
});

describe('Spanish', () => {
  it.each([
    [13, 0, 'la una de la tarde'],
    [9, 30, 'las nueve y media de la mañana'],
    [12, 0, 'las doce del mediodía'],
    [21, 30, 'las nueve y media de la noche'],
  ] as const)('tells the time of %i:%i', (hour, minute, spoken) => {
    expect(clockTime(hour, minute).spoken).toBe(spoken);
  });

  it('names days, months, digits and amounts', () => {
    expect(dayOf(ORIGIN_MS)).toEqual({ iso: '2026-11-20', spoken: 'viernes 20 de noviembre' });
    expect(workday(ORIGIN_MS, 1).spoken).toBe('lunes 23 de noviembre');
    expect(lastMonth(ORIGIN_MS)).toBe('octubre');
    expect(lastMonth(Date.parse('2026-01-10T12:00:00Z'))).toBe('diciembre');
    expect(readOut('407')).toBe('cuatro, cero, siete');
    expect([euros(4_730), euros(87_000)]).toEqual(['47,30 euros', '870 euros']);
  });
});
