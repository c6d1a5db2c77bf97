import { PartRefusedError } from '../errors.ts';
import type { SyncContext } from './context.ts';

type Refusing = Pick<SyncContext, 'refused' | 'log' | 'source'>;

/** Does work that the key may not be allowed to do: refused, it is left out for the rest of the pass. */
export async function ifAllowed<T>(
  context: Refusing,
  part: PartRefusedError['part'],
  work: () => Promise<T>,
  otherwise: T,
): Promise<T> {
  if (context.refused.has(part)) return otherwise;
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PartRefusedError)) throw error;
    context.refused.set(error.part, error);
    context.log.warn(
      { source: context.source.name, reason: error.message },
      'the key may not do this; the rest goes on',
    );
    return otherwise;
  }
}

/** Ends a pass that had to leave something out: the status must say so. @throws PartRefusedError */
export function tellRefused({ refused }: Refusing): void {
  for (const error of refused.values()) throw error;
}
