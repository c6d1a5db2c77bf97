import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Journal {
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
}

/** A copy of the migrations that a test may spoil. */
export class MigrationsFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async copy(): Promise<MigrationsFolder> {
    const path = await mkdtemp(join(tmpdir(), 'callhouse-migrations-'));
    await cp(fileURLToPath(new URL('../../migrations', import.meta.url)), path, { recursive: true });
    return new MigrationsFolder(path);
  }

  /** Names of the migrations, in the journal's order. */
  async tags(): Promise<string[]> {
    return (await this.journal()).entries.map(({ tag }) => tag);
  }

  /** Appends a migration. Its stamp lies `after` milliseconds after the newest so far (before it, if negative). */
  async add(tag: string, sql: string, after = 1000): Promise<void> {
    const { entries } = await this.journal();
    const newest = Math.max(...entries.map(({ when }) => when));
    entries.push({ idx: entries.length, version: '7', when: newest + after, tag, breakpoints: true });
    await writeFile(join(this.path, `${tag}.sql`), sql);
    await this.save({ entries });
  }

  /** Takes a migration out of the journal, as in a version that does not have it. */
  async forget(tag: string): Promise<void> {
    const { entries } = await this.journal();
    await this.save({ entries: entries.filter((entry) => entry.tag !== tag) });
  }

  /** Replaces the text of a migration. */
  async rewrite(tag: string, sql: string): Promise<void> {
    await writeFile(join(this.path, `${tag}.sql`), sql);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  private async journal(): Promise<Journal> {
    return JSON.parse(await readFile(join(this.path, 'meta', '_journal.json'), 'utf8')) as Journal;
  }

  private async save(journal: Journal): Promise<void> {
    await writeFile(join(this.path, 'meta', '_journal.json'), JSON.stringify(journal));
  }
}
