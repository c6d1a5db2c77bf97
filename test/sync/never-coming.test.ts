import { describe, expect, it, test } from 'vitest';
import type { CallFacts, Facet } from '../../src/call.ts';
import type { CallContent } from '../../src/merge/merge-call.ts';
import { groupsOf, neverOf } from '../../src/sync/never-coming.ts';
import { groupKey } from '../../src/warehouse/settlements.ts';
import { FACTS, known } from '../merge/readings.ts';

type Given = Omit<Partial<CallContent>, 'facts'> & { facts?: Partial<CallFacts> };

function content(given: Given = {}): CallContent {
  return { ...known(), ...given, facts: { ...FACTS, ...given.facts } };
}

const ENDED = { agentId: 'agent-1', agentName: null, vendorStatus: 'ended' };

describe('a call is judged by calls like it', () => {
  it.each<[string, Given, boolean]>([
    ['when it lacks an analysis', { analysis: null }, true],
    ['when it lacks a cost', { costs: [] }, true],
    ['when it lacks a recording', { facts: { recordingUrl: null } }, true],
    ['not when it is complete', {}, false],
    ['not when it goes on', { analysis: null, facts: { status: 'ongoing' } }, false],
    ['not when its status is unknown', { analysis: null, facts: { status: 'unknown' } }, false],
    ['not when it never connected', { analysis: null, facts: { startedAt: null } }, false],
    ['not without an agent', { analysis: null, facts: { agentId: null } }, false],
    ['not without a word for its status', { analysis: null, facts: { vendorStatus: null } }, false],
  ])('%s', (_, given, judged) => {
    const never = new Map([[groupKey(ENDED), new Set<Facet>(['analysis'])]]);
    expect(groupsOf([content(given)])).toEqual(judged ? [ENDED] : []);
    expect([...neverOf(content(given), never)]).toEqual(judged ? ['analysis'] : []);
  });

  test('by the word of the vendor, not by ours, and each group once', () => {
    const failed = content({ costs: [], facts: { status: 'failed', vendorStatus: 'error' } });
    const ended = content({ analysis: null });
    expect(groupsOf([failed, ended, failed, content(), ended])).toEqual([
      { agentId: 'agent-1', agentName: null, vendorStatus: 'error' },
      ENDED,
    ]);
    expect(neverOf(failed, new Map([[groupKey(ENDED), new Set<Facet>(['cost'])]]))).toEqual(new Set());
  });
});
