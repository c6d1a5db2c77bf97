import { z } from 'zod';

/** A value as somebody wrote it. */
export interface Given {
  text: string;
  /** What a complaint about it begins with: a variable's name, or a place in a file. */
  where: string;
  isSecret: boolean;
}

/** Refuses a value, showing it unless it is a secret. */
export function complaint({ text, where, isSecret }: Given, wants: string): string {
  return `${where}: ${isSecret ? 'its value' : `'${text}'`} is not accepted; it ${wants}`;
}

/**
 * Reads what was given by the names of a shape, and leaves the rest alone. Problems are collected, not thrown, so that
 * all of them can be told at once; null when there were any.
 */
export function parseAll<Shape extends z.ZodRawShape>(
  shape: Shape,
  given: ReadonlyMap<string, Given>,
  problems: string[],
): z.infer<z.ZodObject<Shape>> | null {
  const texts = [...given].map(([name, { text }]) => [name, text]);
  const result = z.object(shape).safeParse(Object.fromEntries(texts));
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) {
    const value = given.get(String(path[0]));
    if (value) problems.push(complaint(value, message));
  }
  return null;
}
