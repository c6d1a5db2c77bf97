import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const document = readFileSync(join(root, 'docs/invariants.md'), 'utf8');

/** `3 · test/file.test.ts · title`, as both sides are compared. */
const claim = (number: string, file: string, title: string): string => `${number} · ${file} · ${title}`;

/** What the document says: a heading for each invariant, a line for each test that holds it. */
function documented(text: string): { numbers: string[]; claims: string[] } {
  const numbers: string[] = [];
  const claims: string[] = [];
  for (const line of text.split('\n')) {
    const heading = /^## (\d+)\. /.exec(line)?.[1];
    if (heading) numbers.push(heading);
    const [, file, title] = /^- `(test\/[^`]+)`: (.+)$/.exec(line) ?? [];
    if (file && title) claims.push(claim(numbers.at(-1) ?? '', file, title));
  }
  return { numbers, claims };
}

/** What the tests say: a comment right above a test or a group of tests. */
function claimed(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return [...statements(source)].flatMap((statement) => {
    const comments = ts.getLeadingCommentRanges(text, statement.pos) ?? [];
    const words = comments.map(({ pos, end }) => text.slice(pos, end)).join('\n');
    const held = /Holds invariants? ([\d, ]+)\./.exec(words)?.[1];
    if (held === undefined) return [];
    return held.split(/, ?/).map((number) => claim(number, file, titleOf(statement) ?? '(no test below it)'));
  });
}

function* statements(node: ts.Node): Generator<ts.Statement> {
  if (ts.isExpressionStatement(node)) yield node;
  for (const child of node.getChildren()) yield* statements(child);
}

/** The title of `it('…')` or `it.each(…)('…')`. */
function titleOf(statement: ts.Statement): string | null {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return null;
  const [title] = statement.expression.arguments;
  return title && ts.isStringLiteralLike(title) ? title.text : null;
}

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => relative(root, join(root, 'test', path)).replaceAll('\\', '/'));
const found = files.flatMap((file) => claimed(file, readFileSync(join(root, file), 'utf8')));
const { numbers, claims } = documented(document);

it('the document and the tests name each other, invariant by invariant', () => {
  const missing = claims.filter((one) => !found.includes(one));
  const unwritten = found.filter((one) => !claims.includes(one));
  expect({ missing, unwritten }).toEqual({ missing: [], unwritten: [] });
});

it('every invariant has a number in order, and a test that holds it', () => {
  expect(numbers).toEqual(numbers.map((_, i) => String(i + 1)));
  expect(numbers.length).toBeGreaterThanOrEqual(15);
  expect(numbers.filter((number) => !claims.some((one) => one.startsWith(`${number} · `)))).toEqual([]);
});

it('a comment without a test below it is told', () => {
  const test = "it('is so', () => undefined);";
  expect(claimed('test/a.test.ts', `// Holds invariants 3, 12.\n${test}`)).toEqual([
    '3 · test/a.test.ts · is so',
    '12 · test/a.test.ts · is so',
  ]);
  expect(claimed('test/a.test.ts', '// Holds invariant 3.\nstart();')).toEqual([
    '3 · test/a.test.ts · (no test below it)',
  ]);
});
