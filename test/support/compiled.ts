import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');
const AT_STEP = fileURLToPath(new URL('./at-step.ts', import.meta.url));

/** callhouse in JavaScript, as it is shipped. */
export interface Compiled {
  cli: string;
  /** The preload of `at-step.ts`. */
  atStep: string;
  remove(): Promise<void>;
}

/**
 * Compiles callhouse into a folder of its own. These tests start so many processes that tsx would take half of their
 * time, and all of them shall run the same code, also while somebody edits it.
 */
export async function compileCallhouse(): Promise<Compiled> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'callhouse-crash-')));
  const files = await readdir(join(ROOT, 'src'), { recursive: true });
  await Promise.all(
    files.filter((file) => file.endsWith('.ts')).map((file) => compile(join('src', file), folder)),
  );
  await compile(relative(ROOT, AT_STEP), folder);
  // What the code looks for beside itself.
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await symlink(join(ROOT, 'migrations'), join(folder, 'migrations'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    cli: join(folder, 'src/cli.js'),
    atStep: join(folder, 'test/crash/at-step.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function compile(file: string, into: string): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(join(ROOT, file), 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  const compiled = join(into, file.replace(/\.ts$/, '.js'));
  await mkdir(dirname(compiled), { recursive: true });
  await writeFile(compiled, outputText);
}
