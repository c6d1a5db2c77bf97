/** What kinds of request are sent to a vendor, and how much they matter. */
export type RequestKind = 'list' | 'detail' | 'other';

/** `live` requests find new calls; `background` ones can wait, and leave a part of the budget to the others. */
export type Urgency = 'live' | 'background';

/** Counts what is sent, for `runs`. */
export interface RequestCounts {
  sent: Record<RequestKind, number>;
  retries: number;
}
