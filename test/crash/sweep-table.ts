/** One line of the sweep: a worker was killed at a step, and another finished its work. */
export interface SweepRow {
  step: string;
  /** How the first worker ended, and how far it had come. */
  killed: string;
  lists: number;
  pagesAgain: number;
  details: number;
  outcome: string;
}

const HEADINGS = [
  'step',
  'killed',
  'list requests in all',
  'pages again',
  'detail requests',
  'outcome',
] as const;

/** The sweep as a table in Markdown. */
export function sweepTable(rows: readonly SweepRow[]): string {
  const cells = rows.map(({ step, killed, lists, pagesAgain, details, outcome }) =>
    [step, killed, lists, pagesAgain, details, outcome].map(String),
  );
  const widths = HEADINGS.map((heading, i) =>
    Math.max(heading.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(HEADINGS), rule, ...cells.map(line), ''].join('\n');
}
