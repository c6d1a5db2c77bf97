import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { binariesIn, locatePlatformPackage } from '../../src/embedded/binaries.ts';
import { runCommand } from '../../src/embedded/command.ts';
import { utf8Locale } from '../../src/embedded/create-cluster.ts';
import { copyOnce, mend } from '../../src/embedded/ready-binaries.ts';
import { ConfigError } from '../../src/errors.ts';
import { packageAt, scratchFolder } from './scratch.ts';

describe('the binaries', () => {
  it('are asked for with both ways out when the optional package is not installed', async () => {
    const scratch = await scratchFolder();
    const look = () => locatePlatformPackage(pathToFileURL(join(scratch, 'module.js')).href);
    expect(look).toThrow(ConfigError);
    expect(look).toThrow(/set DATABASE_URL.*npm install --include=optional/);
  });

  it('run although npm was told to run no install scripts', async () => {
    const unpacked = await packageAt(join(await scratchFolder(), 'package'));
    const links: { target: string }[] = JSON.parse(
      await readFile(join(unpacked, 'native', 'pg-symlinks.json'), 'utf8'),
    );
    for (const { target } of links) await rm(join(unpacked, target), { force: true });
    const { initdb, majorVersion } = await binariesIn(unpacked);
    await chmod(initdb, 0o644);
    await mend(unpacked);
    expect(execFileSync(initdb, ['--version'], { encoding: 'utf8' })).toContain(
      `PostgreSQL) ${majorVersion}.`,
    );
    const { output: libraries } = await runCommand('ldd', [initdb], { user: null });
    expect(libraries).not.toContain('not found');
    expect(libraries).toContain(`${unpacked}/native/bin/../lib/libpq.so.5`);
  });
});

describe('a copy of the binaries', () => {
  it('is complete, open to everyone, and made once when several ask at the same time', async () => {
    const scratch = await scratchFolder();
    const source = await packageAt(join(scratch, 'source'));
    // As after an installation with umask 077.
    execFileSync('chmod', ['-R', 'go=', source]);
    const target = join(scratch, 'system', 'copy');
    await mkdir(join(scratch, 'system'));
    await Promise.all([1, 2].map(() => copyOnce(source, target)));
    expect(await readdir(join(scratch, 'system'))).toEqual(['copy']);
    const modes = await Promise.all(
      ['native/bin/postgres', 'native/share/postgresql', 'native/share/postgresql/postgres.bki'].map(
        async (path) => (await stat(join(target, path))).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o755, 0o755, 0o644]);
    expect(execFileSync((await binariesIn(target)).postgres, ['--version'], { encoding: 'utf8' })).toContain(
      '18',
    );
  });
});

describe('the locale for letters', () => {
  it('is one of Unicode, under whichever name the system has it', () => {
    expect(utf8Locale('C\nC.utf8\nPOSIX')).toBe('C.utf8');
    expect(utf8Locale('C\nen_US.UTF-8\nC.UTF-8')).toBe('C.UTF-8');
    expect(utf8Locale('C\nen_US.UTF-8\nko_KR.UTF-8')).toBe('en_US.UTF-8');
  });

  it('is C where the system has none', () => {
    expect(utf8Locale('C\nPOSIX')).toBe('C');
    expect(utf8Locale('')).toBe('C');
  });
});
