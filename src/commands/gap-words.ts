import type { Doubt } from '../coverage/window-evidence.ts';
import type { StatusGap } from '../warehouse/status.ts';

const WORDS: Readonly<Record<'unread' | Doubt, string>> = {
  unread: 'not read yet',
  told_once: 'its end was told once, and is asked for again',
  fewer_than_counted: 'the vendor counts more calls than it lists',
  end_refuted: 'its list ended before the last call',
  outside_window: 'the vendor lists calls of another time',
  out_of_order: 'the vendor lists calls in no order of time',
  same_page: 'the vendor lists what it listed for another time',
  no_progress: 'the vendor lists the same calls page after page',
  cursor_refused: 'the vendor refuses its own cursors',
  only_unplaced: 'calls without a start fill the list',
};

const GAPS_SHOWN = 5;

/** The gaps of a source for people, the newest first; gaps of one reason that follow each other are one. */
export function describeGaps(gaps: readonly StatusGap[]): string {
  if (gaps.length === 0) return 'none';
  const joined = joinNeighbours(gaps);
  const shown = joined.slice(0, GAPS_SHOWN).map(describeGap);
  const more = joined.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more: callhouse_sync.gaps has them all`] : [])].join('; ');
}

function joinNeighbours(newestFirst: readonly StatusGap[]): StatusGap[] {
  const joined: StatusGap[] = [];
  for (const gap of newestFirst) {
    const newer = joined.at(-1);
    if (newer && newer.reason === gap.reason && newer.from === gap.to) {
      joined[joined.length - 1] = { ...newer, from: gap.from, callsSeen: null, callsCounted: null };
    } else joined.push(gap);
  }
  return joined;
}

function describeGap({ from, to, reason, callsSeen, callsCounted }: StatusGap): string {
  const counts =
    callsSeen === null || callsCounted === null ? '' : ` (${callsSeen} listed, ${callsCounted} counted)`;
  return `${from ?? 'the beginning'} to ${to ?? 'now'}: ${WORDS[reason]}${counts}`;
}
