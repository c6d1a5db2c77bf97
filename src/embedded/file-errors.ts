import { lstat } from 'node:fs/promises';

/** Whether a system call failed with one of these codes, such as `ENOENT`. */
export function failedWith(error: unknown, ...codes: string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}

/** Whether a system call was refused to this user. */
export function wasRefused(error: unknown): boolean {
  return failedWith(error, 'EACCES', 'EPERM', 'EROFS');
}

/** Waits for a file operation and answers null when there is no such file. */
export async function unlessMissing<T>(operation: Promise<T>): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** Whether something has this name, be it a symbolic link that leads nowhere. */
export async function exists(path: string): Promise<boolean> {
  return (await unlessMissing(lstat(path))) !== null;
}
