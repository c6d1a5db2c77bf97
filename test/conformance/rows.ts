/** What has to hold for every source, as sentences about it. */
export const ROWS = {
  pages: 'reads a list of many pages to its end, every call once, in few requests',
  exact: 'reads to the end when the last page is full',
  ties: 'loses and doubles nothing where calls of one millisecond lie on the border of pages and windows',
  resume: 'goes on from its cursor in a new worker when a window was left unfinished',
  cutOff: 'goes on from what it has read where lists end before the last call',
  emptyOnce: 'covers no time by one empty answer',
  filterless: 'covers no time by a list that shows the same calls for every time, and says so',
  words: 'stores a status that nobody knows, and does not take the call for final by it',
  types: 'stores a type that nobody knows as it is, and calls it unknown',
  roles: 'stores a speaker that nobody knows as other',
  extra: 'lets fields pass that are new, and counts them',
  lacking: 'stores a call that lacks every field that can be missing',
  idless: 'sets aside a record without an id, goes on with the page, and reads it when it is mended',
  poison: 'stores a call without a field that it cannot read, tells it, and reads it when it is mended',
  endless: 'tells of a call that ended in the time to come, and counts no length of it',
  resigned: 'takes a link that is signed anew at each reading for the same link',
  mutated: 'reads of 200 mutated calls all that can be read, tells what cannot, and writes it once',
  nested: 'reads the rest of a call of which a field is nested without end',
  longWords: 'stores a call whose words are longer than an index holds',
  capitals: 'takes an id in capitals for the id of the same call',
  refusedRow: 'stores all of a page but the one record that the database refuses',
  locked: 'goes on where one call is refused, and tells it of that call',
  odd: 'stores odd characters safely',
  digits: 'keeps every digit of a number among the variables',
  money: 'keeps every digit of an amount of money',
  late: 'settles a call read at its very end only when all that comes late is there',
  growing: 'takes a transcript that was read while it grew for unfinished',
  deleted: 'keeps a call that vanishes as missing, until it is back',
  key: 'stops at a wrong key, changes nothing, and says what to do',
  account: 'takes a new key of its account, and writes nothing with a key of another',
  forbidden: 'stops when the key may do nothing',
  spared: 'does without what the key may not do, where the calls do not depend on it',
  silence: 'keeps silent as long as a refusal for too many requests asks, in whatever form',
  redirect: 'follows no redirect, and sends the key nowhere else',
  serverError: 'outlives server errors, and tells and catches up with those that last',
  html: 'outlives HTML in the place of JSON, and tells and catches up when it lasts',
  truncated: 'outlives answers that break off, and tells and catches up when they all do',
  emptyBody: 'outlives empty bodies, and tells and catches up when they last',
  reset: 'outlives connections that are reset, and tells and catches up when they all are',
  hang: 'is not held up by a vendor that does not answer, or not to the end',
  repeated: 'never follows a list that goes round in a circle',
  emptyPage: 'never follows an empty page that promises more',
  cursor: 'goes on from what it has read when the vendor refuses its cursor, once or always',
  duplicates: 'stores a row once that comes twice',
  total: 'does not believe a wrong total, and tells of calls that may be missing by it',
  unchanged: 'writes nothing when it reads again what it has',
  replay: 'gives the same rows again from the stored payloads, and verify finds no difference',
  secrets: 'lets neither the key nor a phone number into tables, logs or errors that are not for them',
  noCalls: 'never asks for a call to be placed, whatever it does',
} as const;

export type Row = keyof typeof ROWS;

const NOT_OF = ' (not of this vendor: ';

/** How a row is called in a report: as it is, or with the reason why it is not of the vendor. */
export function titleOf(name: Row, reason: string | null): string {
  return reason === null ? ROWS[name] : `${ROWS[name]}${NOT_OF}${reason})`;
}

/** The reason in the title of a test, when its row cannot be of the vendor. */
export function reasonIn(title: string): string | null {
  const at = title.indexOf(NOT_OF);
  return at < 0 ? null : title.slice(at + NOT_OF.length, -1);
}
