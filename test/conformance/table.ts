/**
 * Prints what each source passes: `npm run conformance` runs the suite for it, and a report of vitest's JSON
 * reporter that is named behind it is printed as it is.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CASES } from './cases.ts';
import { ROWS, reasonIn } from './rows.ts';

interface Report {
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
}

const SYMBOLS: Readonly<Record<string, string>> = { passed: 'pass', failed: 'FAIL' };

async function runSuite(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-conformance-'));
  try {
    const file = join(folder, 'report.json');
    const suite = ['listing', 'content', 'lateness', 'refusals', 'faults', 'storage'];
    const args = ['vitest', 'run', ...suite.map((name) => `test/conformance/${name}`)];
    const child = spawn('npx', [...args, '--reporter=json', `--outputFile=${file}`], { stdio: 'ignore' });
    await once(child, 'close');
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function table({ testResults }: Report): string {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const names = CASES.map(({ vendor }) => vendor.name);
  const reasons: string[] = [];
  const cell = (sentence: string, name: string) => {
    const test = tests.find(
      ({ title, ancestorTitles }) =>
        title.startsWith(sentence) && ancestorTitles.some((one) => one.includes(name)),
    );
    const reason = test && reasonIn(test.title);
    if (test?.status !== 'passed' || !reason) return SYMBOLS[test?.status ?? ''] ?? 'not run';
    reasons.push(reason);
    return `not of it (${reasons.length})`;
  };
  const lines = Object.values(ROWS).map((sentence) => [
    sentence,
    ...names.map((name) => cell(sentence, name)),
  ]);
  const cells = [['A source', ...names], ['---', ...names.map(() => '---')], ...lines];
  const notes = reasons.map((reason, at) => `${at + 1}. ${reason}`);
  return [...cells.map((line) => `| ${line.join(' | ')} |`), '', ...notes].join('\n');
}

const [, , reported] = process.argv;
const report =
  reported === undefined ? await runSuite() : (JSON.parse(await readFile(reported, 'utf8')) as Report);
process.stdout.write(`${table(report)}\n`);
