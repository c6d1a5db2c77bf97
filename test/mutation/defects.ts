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
        find: '  const result = await store(loadPrepared).catch(',
        replace:
          '  await fenced(context, (tx) => alongside(tx, 0));\n  const result = await store(loadPrepared).catch(',
      },
      {
        file: 'src/sync/load-calls.ts',
        find: '    await alongside(tx, changed + loaded.letters);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a page and its checkpoint are not one transaction',
    profile: 'crashes',
    edits: [
      {
        file: 'src/database/database.ts',
        find: "      await client.query(begin ?? 'begin');\n",
        replace: '',
      },
      { file: 'src/database/database.ts', find: "      await client.query('commit');\n", replace: '' },
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
    profile: 'lies',
    tests: ['test/scenarios/unproved.test.ts'],
    edits: [
      {
        file: 'src/sync/walk-window.ts',
        find: "  if (next === null) return left(walk, { is: 'doubted', doubt: 'cursor_refused' }, options);",
        replace: "  if (next !== undefined) return left(walk, { is: 'proved' }, options);",
      },
    ],
  },
  {
    name: 'a window is covered when its list ends, whatever the vendor counts',
    profile: 'lies',
    edits: [
      {
        file: 'src/coverage/judge-window.ts',
        find: "  if (reached === true) return { is: 'proved' };",
        replace: "  if (reached !== null) return { is: 'proved' };",
      },
    ],
  },
  {
    name: 'an empty answer proves that there is nothing',
    profile: 'lies',
    tests: ['test/coverage/judge-window.test.ts'],
    edits: [
      {
        file: 'src/coverage/judge-window.ts',
        find: 'counted === null || counted.most === 0',
        replace: 'counted === null',
      },
    ],
  },
  {
    name: 'an end that is told once is believed',
    profile: 'lies',
    tests: ['test/coverage/judge-window.test.ts'],
    edits: [
      {
        file: 'src/coverage/judge-window.ts',
        find: "  return (isUnlikely && rest) || { is: 'doubted', doubt: 'told_once' };",
        replace: "  return (isUnlikely && rest) || { is: 'proved' };",
      },
    ],
  },
  {
    name: 'an end that is told twice in one moment is believed',
    profile: 'lies',
    // Two answers of one moment are rarely wrong alike in a story.
    tests: ['test/coverage/doubts.test.ts'],
    edits: [
      { file: 'src/coverage/doubts.ts', find: 'since + TOLD_TWICE_AFTER_MS <= now', replace: 'since <= now' },
    ],
  },
  {
    name: 'calls of another time say nothing against the filter',
    profile: 'lies',
    tests: ['test/coverage/judge-window.test.ts'],
    edits: [
      {
        file: 'src/coverage/window-evidence.ts',
        find: "* ODD_ONE_IN > times.length) return 'outside_window';",
        replace: "* ODD_ONE_IN > times.length * ODD_ONE_IN) return 'outside_window';",
      },
    ],
  },
  {
    name: 'what a refuted page has proved for another window stays proved',
    profile: 'lies',
    tests: ['test/scenarios/unproved.test.ts'],
    edits: [
      {
        file: 'src/sync/read-window.ts',
        find: '  for (const refuted of refutedWith(lists, page)) {',
        replace: '  for (const refuted of refutedWith(lists, page).slice(0, 0)) {',
      },
    ],
  },
  {
    name: 'time that does not prove itself is halved without end',
    profile: 'lies',
    tests: ['test/coverage/doubts.test.ts', 'test/scenarios/unproved.test.ts'],
    edits: [
      { file: 'src/coverage/doubts.ts', find: ' || attempts >= HALVED_UNTIL', replace: '' },
      {
        file: 'src/sync/read-window.ts',
        find: 'const hasRoom = after.length + doubts.length - i < PIECES_MAX;',
        replace: 'const hasRoom = PIECES_MAX > 0 && i >= 0;',
      },
    ],
  },
  {
    name: 'the vendor’s clock is believed, whatever its calls say',
    profile: 'lies',
    edits: [
      {
        file: 'src/sync/vendor-clock.ts',
        find: '  if (Math.abs(told) <= TOLERANCE_MS) return told;',
        replace: '  if (Math.abs(told) >= 0) return told;',
      },
    ],
  },
  {
    name: 'the list of open calls is followed though it is all of history',
    profile: 'lies',
    tests: ['test/scenarios/unproved.test.ts'],
    edits: [
      {
        file: 'src/sync/discover.ts',
        find: '    if (showsEnded(context, page)) return doWithoutOpenList(context);\n',
        replace: '    if (pages < 0 && showsEnded(context, page)) return doWithoutOpenList(context);\n',
      },
    ],
  },
  {
    name: 'a pass that breaks leaves the source looking well',
    profile: 'crashes',
    edits: [
      {
        file: 'src/sync/sync-source.ts',
        find: "    return { outcome: 'failed', error: new Error(nameFault(thrown)), bug: { thrown } };",
        replace: '    throw thrown;',
      },
      {
        file: 'src/sync/sync-source.ts',
        find: '  const judged = judge(error, signal);\n',
        replace: '  const judged = judge(error, signal);\n  if (judged === null) throw error;\n',
      },
    ],
  },
  {
    name: 'the transcript waits for what lists tell',
    profile: 'calm',
    tests: ['test/settlement/decide-settlement.test.ts'],
    edits: [
      {
        file: settlePolicy,
        find: '  const readyAt = endedAt + (unseen ? policy.unseenPatienceMs : policy.calmMs);',
        replace:
          '  const readyAt = endedAt + (awaiting.length > 1 ? policy.emptyPatienceMs : policy.calmMs);',
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
        find: 'await readWindow(context, openWindow(live, noEvidence(order, { askTo }), now), reading);',
        replace:
          'await readWindow(context, { ...openWindow(live, noEvidence(order, { askTo }), now), cursor: interrupted?.cursor ?? null }, reading);',
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
        find: '  if (end === null) return saveOpenWindow',
        replace:
          '  await cover(tx, sourceId, stream, open.window, now);\n  if (end === null) return saveOpenWindow',
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
        find: '  if (now >= deadlineAt && transcriptTried && statusTried) {',
        replace: '  if (now < 0 && now >= deadlineAt && transcriptTried && statusTried) {',
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
        find: 'if (status !== undefined && isTerminal(known.facts.status) && !isTerminal(status)) {',
        replace: "if (known.facts.status === 'queued' && status === 'unknown') {",
      },
    ],
  },
  {
    name: 'what the vendor withdraws is erased',
    profile: 'data',
    tests: ['test/merge'],
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
    tests: ['test/scenarios/faults.test.ts'],
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
        find: '      letters.push(recordLetter(call, error, clock.now()));\n',
        replace: '      void recordLetter;\n      void clock;\n      void letters;\n',
      },
    ],
  },
  {
    name: 'a field that cannot be read hides its call',
    profile: 'data',
    tests: ['test/scenarios/faults.test.ts'],
    edits: [
      {
        file: 'src/sources/decode.ts',
        find: '      given = withNull(given, names);',
        replace: '      void withNull;\n      throw new RecordError(joined(at, names), message);',
      },
    ],
  },
  {
    name: 'a field that cannot be read is null without a word',
    profile: 'data',
    tests: ['test/scenarios/faults.test.ts'],
    edits: [
      {
        file: 'src/sync/set-aside.ts',
        find: 'const FIELDS_MAX = 50;',
        replace: 'const FIELDS_MAX = 0;',
      },
    ],
  },
  {
    name: 'a part that cannot be read is taken for one that never comes',
    profile: 'data',
    tests: ['test/scenarios/faults.test.ts'],
    edits: [
      {
        file: 'src/sync/decide-write.ts',
        find: 'return new Set(fields.flatMap(({ facet }) => facet ?? []));',
        replace: 'return new Set(fields.flatMap(() => []));',
      },
    ],
  },
  {
    name: 'one record that the database refuses stops its page',
    profile: 'data',
    tests: ['test/conformance/content.test.ts'],
    edits: [
      {
        file: 'src/sync/load-calls.ts',
        find: 'if (contentRefused(error)) return',
        replace: 'if (contentRefused(null)) return',
      },
    ],
  },
  {
    name: 'one refused call is taken for a refused key',
    profile: 'data',
    tests: ['test/conformance/refusals.test.ts'],
    edits: [
      {
        file: 'src/sync/ask-for-calls.ts',
        find: 'new Set([400, 403, 405, 409, 410, 422, 423, 451])',
        replace: 'new Set([400, 410, 422])',
      },
    ],
  },
  {
    name: 'an end in the time to come is believed',
    profile: 'data',
    tests: ['test/conformance/content.test.ts'],
    edits: [
      {
        file: 'src/sync/plausible-times.ts',
        find: 'if ((endedAt ?? 0) > receivedAt + TOLERANCE_MS) {',
        replace: 'if ((endedAt ?? 0) > receivedAt * 1e6 + TOLERANCE_MS) {',
      },
    ],
  },
  {
    name: 'a link that is signed anew is a new link',
    profile: 'data',
    tests: ['test/conformance/content.test.ts'],
    edits: [
      {
        file: 'src/secrets.ts',
        find: 'return isSigned && signs ? [] : [parameter];',
        replace: 'return isSigned && signs && false ? [] : [parameter];',
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
    name: 'a key of another account is taken for the old one’s',
    profile: 'calm',
    // No story changes a key.
    tests: ['test/scenarios/account.test.ts'],
    edits: [
      {
        file: 'src/sync/same-account.ts',
        find: 'if (sample === null || (await listShowsOne(context, sample))) return;',
        replace: 'if (sample !== null || (await listShowsOne(context, sample))) return;',
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
  {
    name: 'a session that a pooler lends is taken for one’s own',
    profile: 'everything',
    tests: ['test/databases/matrix.test.ts'],
    edits: [
      {
        file: 'src/database/session.ts',
        find: 'isOwn: rows[0]?.is_own === true',
        replace: 'isOwn: rows.length === 1',
      },
    ],
  },
  {
    name: 'a session is left as the role has set it',
    profile: 'everything',
    tests: ['test/databases/matrix.test.ts'],
    edits: [
      {
        file: 'src/database/session.ts',
        find: "  datestyle: 'ISO, MDY',\n",
        replace: '',
      },
    ],
  },
  {
    name: 'an abbreviation is taken for a time zone',
    profile: 'everything',
    tests: ['test/databases/refusals.test.ts'],
    edits: [
      {
        file: 'src/warehouse/time-zones.ts',
        find: '  if (instants.every((at, index) => offsets[index] === offsetMinutes(zone, at))) return null;',
        replace:
          '  if (instants.some((at, index) => offsets[index] === offsetMinutes(zone, at))) return null;',
      },
    ],
  },
];
