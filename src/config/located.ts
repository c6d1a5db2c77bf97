import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';

/** A value of a file that knows where it stands, such as `callhouse.yaml:3:10: sources[0].since`. */
export type Located = { where: string } & (
  | { kind: 'value'; text: string }
  | { kind: 'list'; items: () => Located[] }
  | { kind: 'mapping'; entries: () => Entry[] }
);

export interface Entry {
  key: string;
  /** Where the key stands. */
  where: string;
  value: Located;
}

interface File {
  name: string;
  document: Document.Parsed;
  lines: LineCounter;
  problems: string[];
}

/**
 * Reads YAML, and with it JSON, which is a part of it. Null, and problems, when it is neither. Lists and mappings open
 * on demand: what refers to itself is no trap. Keys stay as they are written, and twice the same one is a problem.
 */
export function locate(name: string, text: string, problems: string[]): Located | null {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    // Whatever version the file says it is of: an older one would make a date of `2026-01-31`.
    schema: 'core',
    stringKeys: true,
    uniqueKeys: false,
    // The pretty ones quote the line, and a key may stand there.
    prettyErrors: false,
  });
  const file: File = { name, document, lines, problems };
  const found = [
    ...document.errors.map(({ pos, message }) => `${placeOf(file, pos[0])}: ${withoutSource(message)}`),
    ...refusals(file),
  ];
  problems.push(...found);
  return found.length === 0 ? located(file, document.contents, '', 0) : null;
}

/** Some messages end with what was found: it may be a secret. */
function withoutSource(message: string): string {
  return `this is not YAML: ${message.replace(/(?<=\w): .*|(?<=escape sequence) .*|; please use .*/s, '')}`;
}

/** Tags would make something else of plain values; an alias needs its anchor. */
function refusals(file: File): string[] {
  const found: string[] = [];
  const refuse = (node: Node, why: string) => found.push(`${placeOf(file, node.range?.[0] ?? 0)}: ${why}`);
  visit(file.document, {
    Value: (_, node) => {
      if (node.tag) refuse(node, 'a YAML tag is not accepted; write the value without it');
    },
    Alias: (_, node) => {
      if (!node.resolve(file.document)) refuse(node, 'this alias has no anchor before it');
    },
  });
  return found;
}

function located(file: File, node: Node | null, path: string, offset: number): Located {
  const where = [placeOf(file, node?.range?.[0] ?? offset), path].filter((part) => part !== '').join(': ');
  const target = isAlias(node) ? node.resolve(file.document) : node;
  if (isMap(target)) return { where, kind: 'mapping', entries: () => entriesOf(file, target, path) };
  if (!isSeq(target)) return { where, kind: 'value', text: textOf(target ?? null) };
  const items = () =>
    target.items.map((item, index) => located(file, item as Node | null, `${path}[${index}]`, offset));
  return { where, kind: 'list', items };
}

/** The entries of a mapping, and those that `<<` brings: what is nearer wins. A mapping is brought once at most. */
function entriesOf(file: File, map: YAMLMap, path: string, seen = new Set<YAMLMap>()): Entry[] {
  seen.add(map);
  const entries = new Map<string, Entry>();
  const brought: YAMLMap[] = [];
  for (const { key: keyNode, value } of map.items as { key: Node; value: Node | null }[]) {
    const offset = keyNode.range?.[0] ?? 0;
    const key = isScalar(keyNode) ? String(keyNode.value) : '';
    const keyPath = path === '' ? key : `${path}.${key}`;
    const where = `${placeOf(file, offset)}: ${keyPath}`;
    const first = entries.get(key);
    if (key === '<<') brought.push(...mapsOf(file, value, where));
    else if (first) file.problems.push(`${where}: the key stands here twice, first at ${first.where}`);
    else entries.set(key, { key, where, value: located(file, value, keyPath, offset) });
  }
  for (const other of brought.filter((one) => !seen.has(one))) {
    for (const entry of entriesOf(file, other, path, seen)) {
      if (!entries.has(entry.key)) entries.set(entry.key, entry);
    }
  }
  return [...entries.values()];
}

/** What `<<` names: a mapping, or a list of them. */
function mapsOf(file: File, node: Node | null, where: string): YAMLMap[] {
  const target = isAlias(node) ? node.resolve(file.document) : node;
  if (isMap(target)) return [target];
  const items = isSeq(target)
    ? target.items.map((item) => (isAlias(item) ? item.resolve(file.document) : item))
    : [];
  const maps = items.filter(isMap);
  if (maps.length === 0 || maps.length < items.length) {
    file.problems.push(`${where}: it wants a mapping to bring in, or a list of them`);
  }
  return maps;
}

/** A scalar as it is written, since `8080` and `'8080'` mean the same to us; nothing, as `null` and `~`, is empty. */
function textOf(node: Node | null): string {
  if (!isScalar(node) || node.value === null) return '';
  const { value, source } = node;
  return (typeof value === 'number' && source !== undefined ? source : String(value)).trim();
}

function placeOf({ name, lines }: File, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${line}:${col}`;
}
