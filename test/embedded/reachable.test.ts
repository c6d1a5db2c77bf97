import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canReach, ENTER, type Guarded, grants, isReachable, READ } from '../../src/embedded/reachable.ts';
import { scratchFolder } from './scratch.ts';

const postgres = { uid: 101, gid: 104 };
const ofRoot = (mode: number): Guarded => ({ uid: 0, gid: 0, mode });

describe('what a mode grants', () => {
  it('asks the bits of the owner, of the group, or of the others', () => {
    expect(grants({ uid: 101, gid: 0, mode: 0o100 }, postgres, ENTER)).toBe(true);
    expect(grants({ uid: 0, gid: 104, mode: 0o010 }, postgres, ENTER)).toBe(true);
    expect(grants(ofRoot(0o001), postgres, ENTER)).toBe(true);
    expect(grants(ofRoot(0o770), postgres, ENTER)).toBe(false);
  });

  it('never falls back to a later class: an owner without a bit does not get it from the others', () => {
    expect(grants({ uid: 101, gid: 104, mode: 0o077 }, postgres, READ)).toBe(false);
    expect(grants({ uid: 0, gid: 104, mode: 0o707 }, postgres, READ)).toBe(false);
  });

  it('wants all of the bits', () => {
    expect(grants(ofRoot(0o004), postgres, READ | ENTER)).toBe(false);
    expect(grants(ofRoot(0o005), postgres, READ | ENTER)).toBe(true);
  });
});

describe('a path', () => {
  it('is closed by a single ancestor that is closed', () => {
    const file = ofRoot(0o755);
    expect(isReachable([ofRoot(0o755), ofRoot(0o711)], file, postgres, ENTER)).toBe(true);
    expect(isReachable([ofRoot(0o700), ofRoot(0o755)], file, postgres, ENTER)).toBe(false);
  });

  it('is followed through symbolic links to the folders where it really is', async () => {
    const scratch = await scratchFolder();
    const home = join(scratch, 'home');
    await mkdir(home);
    await writeFile(join(home, 'tool'), '', { mode: 0o755 });
    await symlink(join(home, 'tool'), join(scratch, 'link'));
    const stranger = { uid: 1_234_567, gid: 1_234_567 };
    expect(await canReach(join(scratch, 'link'), stranger, READ)).toBe(true);
    await chmod(home, 0o700);
    expect(await canReach(join(scratch, 'link'), stranger, READ)).toBe(false);
  });
});
