import type { z } from 'zod';
import type { DriftNote, PayloadKind, UnreadField } from '../call.ts';
import { isJsonObject, type Json } from '../json.ts';
import { decode } from './decode.ts';

/**
 * The items of a transcript, each in its place. One that is no object has nothing but its text, as its content; a field of
 * one that cannot be read is null, and told. No item is left out, or every place behind it would be another's.
 */
export function readItems<Item>(
  shape: z.ZodType<Item>,
  items: readonly Json[],
  kind: PayloadKind,
  path: string,
): { read: Item[]; unread: UnreadField[]; drift: DriftNote[] } {
  const unread: UnreadField[] = [];
  const drift: DriftNote[] = [];
  const read = items.map((item, position) => {
    if (!isJsonObject(item)) drift.push({ kind: 'unknown_value', path, value: 'no object' });
    const decoded = decode(shape, isJsonObject(item) ? item : { content: item }, `${path}.${position}`);
    unread.push(...decoded.unread.map((field) => ({ ...field, kind, facet: null })));
    return decoded.value;
  });
  return { read, unread, drift };
}
