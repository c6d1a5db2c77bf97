import { z } from 'zod';
import { hash32 } from '../dice.ts';
import { invalid } from './errors.ts';

/** A cursor holds the place of the last row, and a mark of the filters that it was given out for. */
const Contents = z.tuple([z.number(), z.string(), z.number()]);

/** A place in a list: sort key and id. */
interface CursorPlace {
  keyMs: number;
  id: string;
}

/** The cursor for what follows a place, bound to these filters. */
export function writeCursor({ keyMs, id }: CursorPlace, filters: string): string {
  return Buffer.from(JSON.stringify([keyMs, id, hash32(filters)])).toString('base64url');
}

/** The place that a cursor stands for. Refused when it is garbage or was given out for other filters. */
export function readCursor(cursor: string, filters: string): CursorPlace {
  const contents = Contents.safeParse(parsed(cursor));
  if (!contents.success) throw invalid('cursor', 'malformed cursor');
  const [keyMs, id, mark] = contents.data;
  if (mark !== hash32(filters)) throw invalid('cursor', 'cursor does not belong to these filters');
  return { keyMs, id };
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
