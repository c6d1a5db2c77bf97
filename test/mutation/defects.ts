import type { Profile } from '../simulation/story.ts';

/** A change of one place: `find` stands there exactly once. */
interface Edit {
  file: string;
  find: string;
  replace: string;
}

/** A defect as a tired person could write it, and where it should come to light. */
export interface Defect {
  name: string;
  edits: Edit[];
  /** Stories that are played against it first. */
  profile: Profile;
  /** Test files that are run when the stories see nothing, and why they have to. */
  tests?: string[];
}

const settlePolicy = 'src/settlement/decide-settlement.ts';

export const DEFECTS: readonly Defect[] = [
  {
    name: 'the checkpoint is saved before the rows',
    profile: 'crashes',
    tests: ['test/crash/kill-sweep.test.ts'],
    edits: [
      {
        file: 'src/sync/load-calls.ts',
        find: '  const result = await fenced(context, async (tx) => {',
        replace:
          '  await fenced(context, alongside);\n  const result = await fenced(context, async (tx) => {',
      },
      { file: 'src/sync/load-calls.ts', find: '    await alongside(tx);\n', replace: '' },
    ],
  },
  {
    name: 'a page and its checkpoint are not one transaction',
    profile: 'crashes',
    edits: [
      { file: 'src/warehouse/database.ts', find: "    await client.query('begin');\n", replace: '' },
      { file: 'src/warehouse/database.ts', find: "    await client.query('commit');\n", replace: '' },
    ],
  },
  {
    name: 'the bounds of a window leave out the call that stands on them',
    profile: 'calm',
    tests: ['test/sources/vox/query.test.ts'],
    edits: [
      { file: 'src/sources/vox/query.ts', find: 'String(window.from)', replace: 'String(window.from + 1)' },
      { file: 'src/sources/vox/query.ts', find: 'String(window.to)', replace: 'String(window.to - 1)' },
    ],
  },
  {
    name: 'the look-back is off',
    profile: 'data',
    // Lists for calls that wait reach to the newest time too, and find most late calls beside them.
    tests: ['test/sync/plan-live.test.ts'],
    edits: [
      {
        file: 'src/sync/plan-live.ts',
        find: 'const from = wide ? lookbackFrom : Math.max(lookbackFrom, Math.min(overlapFrom, pageFrom));',
        replace: 'const from = state.coveredTo ?? lookbackFrom;',
      },
    ],
  },
  {
    name: 'a refused cursor is taken for the end of the list',
    profile: 'vendor',
    tests: ['test/scenarios/faults.test.ts'],
    edits: [
      {
        file: 'src/sync/read-pages.ts',
        find: '      if (!(error instanceof CursorRefusedError)) throw error;\n',
        replace: '      if (!(error instanceof CursorRefusedError)) throw error;\n      return;\n',
      },
    ],
  },
  {
    name: 'a cursor is kept from one window to the next',
    profile: 'crashes',
    tests: ['test/scenarios/interrupted.test.ts'],
    edits: [
      {
        file: 'src/sync/discover.ts',
        find: 'await readWindow(context, openWindow(live, clock.now()), reading);',
        replace:
          'await readWindow(context, { ...openWindow(live, clock.now()), cursor: interrupted?.cursor ?? null }, reading);',
      },
    ],
  },
  {
    name: 'a window is covered once its first page is stored',
    profile: 'crashes',
    tests: ['test/scenarios/interrupted.test.ts'],
    edits: [
      {
        file: 'src/sync/read-window.ts',
        find: '  if (page.nextCursor === null) await closeWindow',
        replace:
          '  await closeWindow(tx, sourceId, stream, open.window, now);\n  if (page.nextCursor === null) await closeWindow',
      },
    ],
  },
  {
    name: 'history is not wanted, so an outage leaves no gap',
    profile: 'outage',
    edits: [
      {
        file: 'src/sync/discover.ts',
        find: "if (begun) await wantWindow(tx, sourceId, 'backfill', { from: settings.since, to: live.from }, now);",
        replace: 'void begun;',
      },
    ],
  },
  {
    name: 'windows follow our clock instead of the vendor’s',
    profile: 'clocks',
    edits: [
      {
        file: 'src/sync/vendor-clock.ts',
        find: 'toVendor: (ours) => ours + offsetMs,',
        replace: 'toVendor: (ours) => ours,',
      },
    ],
  },
  {
    name: 'an empty page with a cursor is believed',
    profile: 'vendor',
    tests: ['test/scenarios/faults.test.ts'],
    edits: [
      {
        file: 'src/sync/read-pages.ts',
        find: "    if (calls.length === 0) throw new TransientError('the list answered an empty page with a cursor');\n",
        replace: '    if (calls.length === 0) return;\n',
      },
    ],
  },
  {
    name: 'a cursor that comes back is followed',
    profile: 'vendor',
    tests: ['test/scenarios/faults.test.ts'],
    edits: [
      {
        file: 'src/sync/read-pages.ts',
        find: "    if (cursors.has(nextCursor)) throw new TransientError('the list repeated a cursor: it would never end');\n",
        replace: '',
      },
    ],
  },
  {
    name: 'a call is settled at the first sight of a terminal status',
    profile: 'calm',
    edits: [
      {
        file: settlePolicy,
        find: "  if (awaiting.length === 0) return { settlement: 'settled', awaiting, next: null, deadlineAt };",
        replace:
          "  if (awaiting.length >= 0) return { settlement: 'settled', awaiting: [], next: null, deadlineAt };",
      },
    ],
  },
  {
    name: 'a transcript is final however early it was read',
    profile: 'calm',
    tests: ['test/settlement'],
    edits: [
      {
        file: settlePolicy,
        find: 'return call.transcriptReadAt !== null && call.transcriptReadAt >= call.endedAt + policy.calmMs;',
        replace: 'return call.transcriptReadAt !== null;',
      },
    ],
  },
  {
    name: 'a call that never ends is never called stuck',
    profile: 'data',
    tests: ['test/settlement'],
    edits: [
      {
        file: settlePolicy,
        find: "settlement: stuck ? 'stuck' : 'open',",
        replace: "settlement: stuck ? 'open' : 'open',",
      },
    ],
  },
  {
    name: 'what never comes is waited for for ever',
    profile: 'everything',
    tests: ['test/settlement'],
    edits: [
      {
        file: settlePolicy,
        find: '  if (now >= deadlineAt && transcriptTried && !awaiting.includes',
        replace: '  if (now < 0 && now >= deadlineAt && transcriptTried && !awaiting.includes',
      },
    ],
  },
  {
    name: 'an older fetch wins',
    profile: 'clocks',
    tests: ['test/scenarios/wrong-state.test.ts'],
    edits: [
      { file: 'src/sync/load-calls.ts', find: '    refuseOlder(call, before, requestedAt);\n', replace: '' },
      {
        file: 'src/warehouse/call-tables.ts',
        find: "  updateWhen: 'stored.checked_at <= excluded.checked_at',\n",
        replace: '',
      },
    ],
  },
  {
    name: 'a terminal status goes back to an open one',
    profile: 'vendor',
    tests: ['test/merge'],
    edits: [
      {
        file: 'src/merge/merge-call.ts',
        find: 'if (isTerminal(known.facts.status) && !isTerminal(reading.facts.status)) {',
        replace: "if (known.facts.status === 'queued' && reading.facts.status === 'unknown') {",
      },
    ],
  },
  {
    name: 'what the vendor withdraws is erased',
    profile: 'data',
    edits: [
      {
        file: 'src/merge/merge-call.ts',
        find: '    if (!isNull || wasNull || follows(field)) {',
        replace: '    if (!isNull || !wasNull || wasNull || follows(field)) {',
      },
    ],
  },
  {
    name: 'what an opted-out call said is kept',
    profile: 'calm',
    tests: ['test/merge'],
    edits: [
      {
        file: 'src/merge/merge-call.ts',
        find: '  return reading.facts.optOut ? null : reading.transcript;',
        replace: '  return reading.transcript;',
      },
    ],
  },
  {
    name: 'a payload counts as unchanged whatever it says',
    profile: 'data',
    edits: [
      {
        file: 'src/sync/load-calls.ts',
        find: '    return stored?.hash === hash && stored.normalizerVersion === source.normalizerVersion;',
        replace: '    return stored !== undefined && hash !== null && source !== null;',
      },
    ],
  },
  {
    name: 'the tail of a transcript that became shorter stays',
    profile: 'data',
    tests: ['test/scenarios/replay.test.ts'],
    edits: [
      {
        file: 'src/warehouse/write-calls.ts',
        find: 'fromPosition: call.content.transcript?.length ?? 0 })),',
        replace:
          'fromPosition: call.content.transcript?.length ?? 0 })).filter(({ fromPosition }) => fromPosition < 0),',
      },
    ],
  },
  {
    name: 'money goes through a float',
    profile: 'calm',
    edits: [
      {
        file: 'src/warehouse/call-tables.ts',
        find: "{ name: 'amount', type: 'text', read: 'numeric', value: ({ cost }) => cost.amount },",
        replace:
          "{ name: 'amount', type: 'text', read: 'numeric', value: ({ cost }) => String(Number.parseFloat(cost.amount)) },",
      },
    ],
  },
  {
    name: 'the cost beside the call stays when the cost changes',
    tests: ['test/scenarios/resync.test.ts'],
    profile: 'data',
    edits: [
      {
        file: 'src/warehouse/known-calls.ts',
        find: 'return agrees ? (costs ?? []) : [];',
        replace: 'return agrees || costs ? (costs ?? []) : [];',
      },
    ],
  },
  {
    name: 'the silence before an item begins where the item before began',
    // Stories of vox.ai, and so all calm ones, tell instants.
    tests: ['test/warehouse/derived.test.ts'],
    profile: 'calm',
    edits: [
      {
        file: 'src/warehouse/derived.ts',
        find: 'return item.offsetMs - (offsetMs + durationMs);',
        replace: 'return item.offsetMs - offsetMs;',
      },
    ],
  },
  {
    name: 'keys are taken to be in the order of other keys',
    tests: ['test/json.test.ts'],
    profile: 'calm',
    edits: [
      {
        file: 'src/json.ts',
        find: 'if (known?.keys.length === keys.length && known.keys.every((key, i) => key === keys[i])) return known.order;',
        replace: 'if (known) return known.order;',
      },
    ],
  },
  {
    name: 'a call that goes on is not followed',
    profile: 'calm',
    tests: ['test/sync/decide-write.test.ts'],
    edits: [
      {
        file: 'src/sync/decide-write.ts',
        find: "  if (decision.next === null) return 'out';",
        replace: "  if (decision.next === null || settlement === 'open') return 'out';",
      },
    ],
  },
  {
    name: 'a call that the vendor no longer knows is asked for and forgotten',
    profile: 'data',
    edits: [
      {
        file: 'src/sync/settle.ts',
        find: 'await markMissing(tx, sourceId, unknown,',
        replace: 'await markMissing(tx, sourceId, [],',
      },
      {
        file: 'src/sync/audit-window.ts',
        find: 'markMissing(tx, sourceId, unknown,',
        replace: 'markMissing(tx, sourceId, [],',
      },
    ],
  },
  {
    name: 'a record that cannot be read stops its page',
    profile: 'data',
    edits: [
      {
        file: 'src/sync/load-calls.ts',
        find: '      if (!(error instanceof RecordError)) throw error;\n      letters',
        replace:
          '      if (error instanceof RecordError) throw new TransientError(error.message);\n      letters',
      },
    ],
  },
  {
    name: 'a record that cannot be read is dropped without a word',
    profile: 'data',
    tests: ['test/scenarios/faults.test.ts'],
    edits: [
      {
        file: 'src/sync/load-calls.ts',
        find: '      letters.push(toDeadLetter(call, error, clock.now()));\n',
        replace: '      void toDeadLetter;\n      void clock;\n      void letters;\n',
      },
    ],
  },
  {
    name: 'a row that comes twice in a page is written twice',
    profile: 'vendor',
    edits: [
      {
        file: 'src/sync/prepare-page.ts',
        find: '    prepared.set(callId, {',
        replace: "    prepared.set([callId, i].join(' '), {",
      },
    ],
  },
  {
    name: 'the fence is not checked',
    profile: 'workers',
    tests: ['test/warehouse/leases.test.ts'],
    edits: [
      {
        file: 'src/warehouse/leases.ts',
        find: '  if (result.rowCount !== 1) {',
        replace: '  if (result.rowCount === -1) {',
      },
    ],
  },
  {
    name: 'a lease is taken although another worker has it',
    profile: 'workers',
    tests: ['test/warehouse/leases.test.ts'],
    edits: [
      {
        file: 'src/warehouse/leases.ts',
        find: 'where l.holder is null or l.expires_at is null or',
        replace: 'where true or l.holder is null or l.expires_at is null or',
      },
    ],
  },
  {
    name: 'requests are not counted against the budget',
    profile: 'everything',
    edits: [
      {
        file: 'src/warehouse/budgets.ts',
        find: '      JSON.stringify(spent),',
        replace: '      JSON.stringify(spent ? {} : {}),',
      },
    ],
  },
  {
    name: 'the budget is counted by each machine’s own clock',
    profile: 'clocks',
    tests: ['test/scenarios/time-and-budget.test.ts'],
    edits: [
      {
        file: 'src/commands/open-sources.ts',
        find: 'learns: learnsRate(vendor, limits),\n          sharedNow,',
        replace: 'learns: learnsRate(vendor, limits),\n          sharedNow: () => machineClock.now(),',
      },
    ],
  },
  {
    name: 'a silence that the vendor asks for is not kept',
    profile: 'vendor',
    tests: ['test/warehouse/budgets.test.ts', 'test/http'],
    edits: [
      {
        file: 'src/warehouse/budgets.ts',
        find: '  if (blockedForMs > 0) return urgencies.map(() => blockedForMs);',
        replace: '  if (blockedForMs > 1e12) return urgencies.map(() => blockedForMs);',
      },
    ],
  },
  {
    name: 'an audit believes every list that leaves calls out',
    profile: 'data',
    tests: ['test/scenarios/audit.test.ts'],
    edits: [
      {
        file: 'src/sync/audit-window.ts',
        find: '    gone.push(...unknown);',
        replace: '    gone.push(callId);',
      },
    ],
  },
  {
    name: 'coverage of time to come is believed',
    profile: 'clocks',
    tests: ['test/scenarios/wrong-state.test.ts'],
    edits: [
      {
        file: 'src/sync/discover.ts',
        find: 'if (await fenced(context, (tx) => takeBackImpossible(tx, sourceId, latest))) {',
        replace:
          'if (await fenced(context, async (tx) => [takeBackImpossible, tx, sourceId].length === 0)) {',
      },
    ],
  },
];
