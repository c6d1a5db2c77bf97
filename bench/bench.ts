import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { breaches, tableOf } from './bounds.ts';
import type { Bench, Finding, Part } from './kernel.ts';
import { describeMachine } from './machine.ts';
import { budget } from './parts/budget.ts';
import { frugal } from './parts/frugal.ts';
import { load } from './parts/load.ts';
import { memory } from './parts/memory.ts';
import { naive } from './parts/naive.ts';
import { queries } from './parts/queries.ts';
import { repoll } from './parts/repoll.ts';
import { start } from './parts/start.ts';
import { transcripts } from './parts/transcripts.ts';
import { openPostgres } from './postgres.ts';
import { openProcesses } from './processes.ts';

/**
 * Measures the project against the limits of what is possible, part by part. Ratios are compared with committed
 * bounds; seconds of this machine say little to the next. See docs/performance.md.
 */
const PARTS: Readonly<Record<string, Part>> = {
  load,
  repoll,
  naive,
  frugal,
  budget,
  transcripts,
  memory,
  start,
  queries,
};

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
    quick: { type: 'boolean', default: false },
    calls: { type: 'string' },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
const chosen = options.only.split(',');
const unknown = chosen.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0)
  throw new Error(`there is no part ${unknown.join(', ')}: ${Object.keys(PARTS).join(', ')}`);

if (options.check && options.quick) throw new Error('small sizes say nothing about the bounds');

const processes = await openProcesses();
const postgres = await openPostgres();
const bench: Bench = {
  postgres,
  processes,
  quick: options.quick,
  queriedCalls: Number(options.calls ?? (options.quick ? 20_000 : 1_000_000)),
};
let closing: Promise<void> | null = null;
const close = () => {
  closing ??= processes.close().then(() => postgres.close());
  return closing;
};
process.once('SIGINT', () => void close().finally(() => process.exit(130)));
/** With the load of the machine before and after: what others did meanwhile is part of a number. */
const findings: Record<string, Finding & { loadAverages: number[] }> = {};
/** After each part: who stops the bench keeps what was measured. */
async function keep(): Promise<void> {
  if (options.json === undefined) return;
  const machine = { ...describeMachine(), postgres: postgres.version, settings: postgres.settings };
  await writeFile(options.json, JSON.stringify({ machine, quick: options.quick, findings }, null, 2));
}

try {
  for (const name of chosen) {
    process.stderr.write(`${name} …\n`);
    const [before = 0] = loadavg();
    const finding = await PARTS[name]?.(bench);
    const [after = 0] = loadavg();
    if (finding) findings[name] = { ...finding, loadAverages: [before, after] };
    await keep();
  }
} finally {
  await close();
}

const figures = Object.values(findings).flatMap((finding) => finding.figures);
process.stdout.write(tableOf(figures));
if (options.check) {
  const broken = breaches(figures);
  for (const line of broken) process.stderr.write(`${line}\n`);
  if (broken.length > 0) process.exitCode = 1;
}
