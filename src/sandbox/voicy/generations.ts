import type { Dice } from '../dice.ts';

/** The shapes that a call's answer had over the years. All of them are still met. */
export type Generation =
  /** Function calls appear in the transcript with all that was sent and received. */
  | 'payloads'
  /** The same transcript, with nothing but the labels of its function calls. */
  | 'labels'
  /** The caller is a `user`, and no item says when. */
  | 'untimed'
  /** The transcript is one text with an object beside it, and statuses have their older words. */
  | 'first'
  /** Likewise, without the object. */
  | 'text';

/** The generation of a call. */
export function drawGeneration(dice: Dice): Generation {
  return dice.weighted<Generation>([
    ['payloads', 60],
    ['labels', 26],
    ['untimed', 9],
    ['first', 3.5],
    ['text', 1.5],
  ]);
}

export function isFirst(generation: Generation): boolean {
  return generation === 'first' || generation === 'text';
}
