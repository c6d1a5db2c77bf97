import type { Dice } from '../dice.ts';

/** A UUID that begins with the call's stream: dice of 32 bits alone would give two calls of a thousand worlds the same. */
export function uuidOf(stream: number, dice: Dice): string {
  return stream.toString(16).padStart(8, '0') + dice.uuid().slice(8);
}
