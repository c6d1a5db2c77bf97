import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A block of the document that says which file it is of: the whole of it, or a change of it. */
interface Block {
  language: string;
  file: string;
  text: string;
}

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+) (\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', file = '', text = '']) => ({ language, file, text }),
  );
}

/** Does with a block what a reader would do. A change that fits nowhere, or in two places, is out of date. */
export async function applyBlock(folder: string, { language, file, text }: Block): Promise<void> {
  const path = join(folder, file);
  if (language !== 'diff') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return;
  }
  const lines = text.trimEnd().split('\n');
  const side = (without: string) =>
    lines
      .filter((line) => !line.startsWith(without))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const [before, ...others] = (await readFile(path, 'utf8')).split(side('+'));
  if (before === undefined || others.length !== 1)
    throw new Error(`${file} has changed, so that this fits no more:\n${text}`);
  await writeFile(path, `${before}${side('-')}${others[0]}`);
}
