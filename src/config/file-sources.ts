import { type ConfigFile, readEntries, resolveGiven } from './config-file.ts';
import { complaint, type Given, parseAll } from './given.ts';
import type { Located } from './located.ts';
import {
  accountShape,
  choicesOf,
  identityShape,
  SYNC_DEFAULTS,
  type SyncValues,
  switchShape,
  syncShape,
  VENDOR_HELP,
} from './schema.ts';
import { readSource, type SourceSettings } from './source-settings.ts';

/** What is written about one source. */
interface Written {
  where: string;
  given: Map<string, Given>;
}

const REQUIRED = {
  name: 'a name of its own',
  vendor: VENDOR_HELP,
  api_key: 'a reference: env:NAME or file:/path/of/a/file',
};

/** The sources that a file names. What one leaves out is as `otherwise` says. */
export function readFileSources(
  file: ConfigFile,
  items: readonly Located[],
  otherwise: SyncValues,
): SourceSettings[] {
  const written = items.flatMap((item) => readItem(item, file.problems));
  file.problems.push(...sameName(written), ...sameAccount(written));
  return written.flatMap(({ given }) => {
    parseAll(identityShape, given, file.problems);
    const source = readSource(
      given.get('name')?.text ?? '',
      given.get('vendor')?.text ?? '',
      resolveGiven(file, given),
      otherwise,
      file.problems,
    );
    return source ?? [];
  });
}

function readItem(item: Located, problems: string[]): Written[] {
  if (item.kind !== 'mapping') {
    problems.push(
      `${item.where}: a ${item.kind} is not accepted; it wants a mapping with name, vendor and api_key`,
    );
    return [];
  }
  const entries = item.entries();
  const vendor = entries.find(({ key }) => key === 'vendor')?.value;
  const given = readEntries(entries, keysOf(vendor?.kind === 'value' ? vendor.text : ''), problems);
  for (const [key, wants] of Object.entries(REQUIRED)) {
    if (!entries.some((entry) => entry.key === key)) {
      problems.push(`${item.where}: ${key} is missing; it wants ${wants}`);
    }
  }
  return [{ where: item.where, given }];
}

/** What may be said of a source. */
function keysOf(vendorName: string): string[] {
  const vendor = choicesOf(vendorName);
  const shapes = [identityShape, accountShape(vendor), switchShape(vendor), syncShape(SYNC_DEFAULTS)];
  return shapes.flatMap((shape) => Object.keys(shape));
}

function sameName(sources: readonly Written[]): string[] {
  const names = sources.flatMap(({ given }) => given.get('name') ?? []);
  return twins(names, ({ text }) => text).map(([name, first]) =>
    complaint(name, `wants a name that no other source has; ${first.where} is the same`),
  );
}

/** Two sources that read one account are a probable mistake: every call would be stored twice, for twice the requests. */
function sameAccount(sources: readonly Written[]): string[] {
  const account = ({ given }: Written): string | null => {
    const vendorName = given.get('vendor')?.text ?? '';
    const key = given.get('api_key')?.text;
    const address = given.get('base_url')?.text ?? choicesOf(vendorName).baseUrl;
    return key && address ? JSON.stringify([vendorName, address.replace(/\/+$/, ''), key]) : null;
  };
  return twins(sources, account).map(
    ([twin, first]) =>
      `${twin.where}: vendor, base_url and api_key are those of ${first.where}; name an account once`,
  );
}

/** Those that have the mark of one before, each with the first that has it. */
function twins<T>(all: readonly T[], markOf: (one: T) => string | null): [T, T][] {
  const firsts = new Map<string, T>();
  return all.flatMap((one): [T, T][] => {
    const mark = markOf(one);
    if (mark === null) return [];
    const first = firsts.get(mark);
    if (first) return [[one, first]];
    firsts.set(mark, one);
    return [];
  });
}
