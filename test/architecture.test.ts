import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

/** Reads the imports of `src` and says which go against the one direction. Comments are no code: they may name anything. */
interface File {
  path: string;
  text: string;
}

const BOTTOM = 'call errors clock json secrets scrub told log requests';
/**
 * What a part may import besides itself, by folder or root file; `type:` allows `import type` alone. A part that
 * is not named here may import nothing, so that a new folder has to be thought about.
 */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  call: 'json',
  errors: '',
  clock: '',
  json: '',
  secrets: '',
  scrub: 'json secrets',
  told: 'secrets',
  log: 'secrets',
  requests: '',
  source: 'call json requests',
  database: 'errors clock',
  http: 'errors clock json told requests',
  coverage: 'call clock json type:source',
  merge: 'call json clock',
  settlement: 'call json clock',
  sources: 'source call errors clock json secrets scrub http requests',
  warehouse:
    'database coverage call errors json clock told requests http/budget type:merge type:source type:settlement',
  sync: 'database source call coverage warehouse merge settlement errors clock json told log requests',
  sandbox: 'clock',
  embedded: 'errors clock',
  ops: 'database warehouse errors clock log',
  config: 'database call errors clock type:http/budget type:merge sources/index',
  commands: `${BOTTOM} coverage source sources database http merge settlement warehouse sync sandbox embedded ops config explain-failure`,
  'explain-failure': 'errors secrets database warehouse',
  program: 'commands config log type:database explain-failure',
  'bounded-heap': '',
  cli: 'bounded-heap program',
};

/** Where a vendor may be called by its name: its own folder, the list of vendors, and what simulates it. */
const MAY_NAME_VENDORS = [
  /^sources\/(vox|voicy|diga)\//,
  /^sources\/index\.ts$/,
  /^sandbox\//,
  /^commands\/(sandbox|demo)\.ts$/,
];
const VENDOR = /vox|voicy|diga/i;

const partOf = (path: string): string => path.split('/', 1)[0]?.replace(/\.ts$/, '') ?? '';

function* nodes(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) if (!ts.isJSDoc(child)) yield* nodes(child);
}

function parse({ path, text }: File): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Imports and re-exports of our own files, as paths below `src`. */
function importsOf(file: File): { from: string; to: string; typeOnly: boolean }[] {
  return [...nodes(parse(file))].flatMap((node) => {
    if (!ts.isStringLiteral(node) || !node.text.startsWith('.')) return [];
    const { parent } = node;
    const isImport = ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);
    const isCall = ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword;
    if (!isImport && !isCall) return [];
    const typeOnly = /^(import|export) type /.test(parent.getText());
    return [{ from: file.path, to: posix.join(posix.dirname(file.path), node.text), typeOnly }];
  });
}

function isAllowed(from: string, to: string, typeOnly: boolean): boolean {
  const [part, vendor] = [partOf(from), from.match(/^sources\/(\w+)\//)?.[1]];
  const otherVendor = to.match(/^sources\/(\w+)\//)?.[1];
  if (otherVendor && part === 'sources' && from !== 'sources/index.ts') return vendor === otherVendor;
  if (part === partOf(to)) return true;
  return (MAY_IMPORT[part] ?? '').split(' ').some((rule) => {
    const target = rule.replace(/^type:/, '');
    const matches = target !== '' && (partOf(to) === target || to === `${target}.ts`);
    return matches && (typeOnly || !rule.startsWith('type:'));
  });
}

/** Every breach as one line: file, import, rule. */
function breaches(files: readonly File[]): string[] {
  const imports = files.flatMap(importsOf);
  const crossed = imports
    .filter(({ from, to, typeOnly }) => !isAllowed(from, to, typeOnly))
    .map(({ from, to, typeOnly }) => {
      const rule = MAY_IMPORT[partOf(from)] ?? 'nothing: it is a new part, name it in MAY_IMPORT';
      return `${from} imports ${typeOnly ? 'types of ' : ''}${to}; ${partOf(from)} may import: ${rule}`;
    });
  const loops = [
    ...cycles('files', imports),
    ...cycles(
      'folders',
      imports.map(({ from, to }) => ({ from: partOf(from), to: partOf(to) })),
    ),
  ];
  return [...crossed, ...loops, ...files.flatMap(namedVendors), ...files.flatMap(processUses)];
}

/** Edges that lie on a way back to where they began. */
function cycles(what: string, edges: readonly { from: string; to: string }[]): string[] {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of edges) {
    if (from !== to) next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const reaches = (at: string, goal: string, seen = new Set<string>()): boolean =>
    at === goal ||
    (!seen.has(at) && [...(next.get(at) ?? [])].some((step) => reaches(step, goal, seen.add(at))));
  return [...next].flatMap(([from, targets]) =>
    [...targets].filter((to) => reaches(to, from)).map((to) => `${from} imports ${to}; no cycles of ${what}`),
  );
}

function namedVendors(file: File): string[] {
  if (MAY_NAME_VENDORS.some((place) => place.test(file.path))) return [];
  return [...nodes(parse(file))]
    .filter((node) => node.getChildCount() === 0 && VENDOR.test(node.getText()))
    .map((node) => `${file.path} has ${node.getText()}; a vendor has its name in its own folder alone`);
}

function processUses(file: File): string[] {
  if (file.path === 'program.ts') return [];
  return [...nodes(parse(file))]
    .map((node) =>
      ts.isPropertyAccessExpression(node) || ts.isImportDeclaration(node) ? node.getText() : '',
    )
    .filter((text) => /^process\.(env|exit)$|^import .*['"](node:)?process['"]/.test(text))
    .map((text) => `${file.path} has ${text}; only program.ts reads process.env and calls process.exit`);
}

const root = join(import.meta.dirname, '../src');
const sources: File[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }));

it('imports go in one direction, without cycles, and no vendor is named outside its folder', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(breaches(sources)).toEqual([]);
});

it.each([
  ['sync/plan.ts', "import { x } from '../sources/index.ts';", 'imports sources/index.ts; sync may'],
  [
    'http/a.ts',
    "import type { Page } from '../source.ts';",
    'http/a.ts imports types of source.ts; http may',
  ],
  [
    'warehouse/a.ts',
    "import { type Page } from '../source.ts';",
    'warehouse/a.ts imports source.ts; warehouse',
  ],
  ['sources/diga/a.ts', "export * from '../vox/words.ts';", 'sources/diga/a.ts imports sources/vox/words.ts'],
  ['sources/decode.ts', "import '../sync/pass.ts';", 'sources/decode.ts imports sync/pass.ts; sources may'],
  ['merge/a.ts', "const x = await import('../config/settings.ts');", 'merge/a.ts imports config/settings.ts'],
  ['reports/a.ts', "import { x } from '../call.ts';", 'reports may import: nothing: it is a new part'],
  ['sync/a.ts', 'const hint = `set VOX_API_KEY`;', 'a vendor has its name in its own'],
  ['sync/a.ts', 'export const voicyCalls = 1;', 'sync/a.ts has voicyCalls; a vendor'],
  ['sync/a.ts', 'const home = process.env.HOME;', 'only program.ts reads process.env'],
  ['sync/a.ts', "import { env } from 'node:process';", 'only program.ts reads process.env'],
])('the checker catches %s with %s', (path, text, complaint) => {
  expect(breaches([{ path, text }]).join('\n')).toContain(complaint);
});

it('the checker catches cycles, and lets be what is allowed', () => {
  const ring = [
    { path: 'sync/a.ts', text: "import { b } from './b.ts';" },
    { path: 'sync/b.ts', text: "import type { A } from './a.ts';" },
  ];
  expect(breaches(ring)).toContain('sync/b.ts imports sync/a.ts; no cycles of files');
  const fine = "import type { Page } from '../source.ts';\n// as vox.ai does; process.env is elsewhere";
  expect(breaches([{ path: 'warehouse/a.ts', text: fine }])).toEqual([]);
});
