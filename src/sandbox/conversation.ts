import type { Dice } from './dice.ts';

type Sentiment = 'positive' | 'neutral' | 'negative';

/** A value that post-call analysis drew out of a conversation. */
export type Finding = string | number | boolean | null;

/** Extraction values by field name. */
type Findings = Readonly<Record<string, Finding>>;

/** One thing that was said, or one use of a tool together with what the tool answered. */
export type Line =
  | { kind: 'agent' | 'user'; text: string; tells: Findings }
  | { kind: 'tool'; name: string; arguments: Record<string, unknown>; result: unknown };

/** A conversation with what an attentive listener would note about it. */
export interface Conversation {
  lines: Line[];
  summary: string;
  sentiment: Sentiment;
}

/** Who is on the line and when. */
export interface Setting {
  dice: Dice;
  /** Instant of the call, unix ms: the days that people name are counted from it. */
  callAtMs: number;
  /** Full name of the customer. */
  customer: string;
  /** The customer's number, national format without hyphens. */
  phone: string;
}

/** One course that a conversation of a scenario can take. */
export interface Branch {
  weight: number;
  tell(setting: Setting): Conversation;
}

/** A matter that people call about. */
export interface Scenario {
  name: string;
  /** What it is about, as a noun phrase: `진료 예약`. */
  topic: string;
  /** What the agent says first; used alone when the other side stays silent. */
  greeting: string;
  branches: readonly Branch[];
}

/** Something that the agent says, and what an analysis can draw from it. */
export function agent(text: string, tells: Findings = {}): Line {
  return { kind: 'agent', text, tells };
}

/** Something that the customer says, and what an analysis can draw from it. */
export function user(text: string, tells: Findings = {}): Line {
  return { kind: 'user', text, tells };
}

/** A use of a tool by the agent, with the result that the tool answers. */
export function tool(name: string, args: Record<string, unknown>, result: unknown): Line {
  return { kind: 'tool', name, arguments: args, result };
}

/** What the lines tell together. A field that is missing was not talked about: the call may have been cut off. */
export function findingsOf(lines: readonly Line[]): Findings {
  return Object.assign({}, ...lines.map((line) => (line.kind === 'tool' ? {} : line.tells)));
}
