/** `npm run mutate`: puts one defect after another into a copy of the source, and sees what notices it. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { openTestServer } from '../support/postgres-server.ts';
import { DEFECTS, type Defect } from './defects.ts';
import { type Caught, catchDefect, openCopy } from './workshop.ts';

interface Row {
  defect: Defect;
  caught: Caught | null;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      jobs: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const chosen = DEFECTS.filter(({ name }) => name.includes(values.only));
  const server = await openTestServer({ url: undefined, kind: undefined });
  try {
    await checkSound(chosen, server.url);
    const rows = await catchAll(chosen, Math.max(1, Number(values.jobs)), server.url);
    say(table(rows));
    const survived = rows.filter(({ caught }) => caught === null).length;
    say(`\n${rows.length - survived} of ${rows.length} defects caught`);
    return survived === 0 && rows.length > 0 ? 0 : 1;
  } finally {
    await server.close();
  }
}

/** Stories that fail by themselves would be taken for having noticed every defect. @throws when one does */
async function checkSound(defects: readonly Defect[], serverUrl: string): Promise<void> {
  const copy = await openCopy();
  try {
    for (const profile of new Set(defects.map((defect) => defect.profile))) {
      const noticed = await catchDefect(copy, { name: 'no defect', profile, edits: [] }, serverUrl);
      if (noticed) throw new Error(`without any defect, ${noticed.by} fails: ${noticed.sign}`);
      say(`sound    the stories of ${profile}`);
    }
  } finally {
    await copy.remove();
  }
}

/** Some at once, each in a copy of its own; told as they come, and given in the order of the table. */
async function catchAll(defects: readonly Defect[], jobs: number, serverUrl: string): Promise<Row[]> {
  const caught = new Map<Defect, Caught | null>();
  const queue = defects.values();
  const work = async () => {
    const copy = await openCopy();
    try {
      for (const defect of queue) {
        const result = await catchDefect(copy, defect, serverUrl);
        caught.set(defect, result);
        say(`${result ? 'caught  ' : 'SURVIVED'} ${defect.name}${result ? `: ${result.by}` : ''}`);
      }
    } finally {
      await copy.remove();
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return defects.map((defect) => ({ defect, caught: caught.get(defect) ?? null }));
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ defect, caught }) => {
    const seconds = caught === null ? '' : `${Math.round(caught.tookMs / 1_000)} s`;
    return `| ${defect.name} | ${caught?.by ?? '**survived**'} | ${caught?.sign.replaceAll('|', '¦') ?? ''} | ${seconds} |`;
  });
  return ['', '| defect | caught by | sign | took |', '|---|---|---|---|', ...lines].join('\n');
}

process.exitCode = await main();
