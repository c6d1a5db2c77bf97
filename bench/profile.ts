import { type Profiler, Session } from 'node:inspector/promises';

interface SelfTime {
  name: string;
  share: number;
  ms: number;
}
export interface ProfileTable {
  sampledMs: number;
  functions: SelfTime[];
  modules: SelfTime[];
}

const SAMPLING_US = 500;
const ROWS = 30;

/** Runs work under V8's sampling profiler; gives where its own time went, without the idle time. */
export async function profiled<T>(work: () => Promise<T>): Promise<{ result: T; profile: ProfileTable }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
  await session.post('Profiler.start');
  const result = await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { result, profile: tabulate(profile) };
}

function tabulate({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): ProfileTable {
  const selfUs = new Map<number, number>();
  for (const [i, id] of samples.entries()) selfUs.set(id, (selfUs.get(id) ?? 0) + (timeDeltas[i] ?? 0));
  const functions = new Map<string, number>();
  const modules = new Map<string, number>();
  let totalUs = 0;
  for (const { id, callFrame } of nodes) {
    const { functionName, url, lineNumber } = callFrame;
    const us = selfUs.get(id) ?? 0;
    if (us <= 0 || functionName === '(idle)' || functionName === '(root)') continue;
    totalUs += us;
    const module = moduleOf(url, functionName);
    add(functions, `${functionName || '(anonymous)'} ${url === '' ? '' : `${module}:${lineNumber + 1}`}`, us);
    add(modules, module, us);
  }
  return { sampledMs: totalUs / 1_000, functions: top(functions, totalUs), modules: top(modules, totalUs) };
}

function add(sums: Map<string, number>, key: string, us: number): void {
  sums.set(key, (sums.get(key) ?? 0) + us);
}

function top(sums: ReadonlyMap<string, number>, totalUs: number): SelfTime[] {
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, ROWS)
    .map(([name, us]) => ({ name, share: us / totalUs, ms: us / 1_000 }));
}

/** The package, the file of ours, or the part of Node that a function belongs to. */
function moduleOf(url: string, functionName: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(built in)';
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^./@][^/]*)\//.exec(url)?.[1];
  const inSource = /\/src\/(.*)$/.exec(url)?.[1];
  return inSource ?? inPackage ?? url;
}
