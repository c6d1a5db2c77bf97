import { existsSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { inject } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const AT_STEP = relative(ROOT, fileURLToPath(new URL('../crash/at-step.ts', import.meta.url)));

/** callhouse in JavaScript, as it is shipped. */
export interface Compiled {
  cli: string;
  /** The preload of `at-step.ts`. */
  atStep: string;
}

/**
 * callhouse, compiled once in a run, by the first test file that asks for it. Tests start so many processes that tsx
 * would take half of their time, and all of them shall run the same code, also while somebody edits it.
 */
export async function compiledCallhouse(): Promise<Compiled> {
  const folder = join(await realpath(inject('compiledFolder')), 'callhouse');
  await compileInto(folder);
  return { cli: join(folder, 'src/cli.js'), atStep: join(folder, AT_STEP.replace(/\.ts$/, '.js')) };
}

/** Two test files may be first together: the folder gets its name when it is whole, and the slower one's goes away. */
async function compileInto(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const making = await mkdtemp(`${folder}-`);
  const files = await readdir(join(ROOT, 'src'), { recursive: true });
  await Promise.all(
    files.filter((file) => file.endsWith('.ts')).map((file) => compile(join('src', file), making)),
  );
  await compile(AT_STEP, making);
  // What the code looks for beside itself.
  await cp(join(ROOT, 'package.json'), join(making, 'package.json'));
  await symlink(join(ROOT, 'migrations'), join(making, 'migrations'));
  await symlink(join(ROOT, 'node_modules'), join(making, 'node_modules'));
  try {
    await rename(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    await rm(making, { recursive: true, force: true });
  }
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
