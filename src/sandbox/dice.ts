/** Folds texts and numbers into 32 bits. Equal parts give equal bits on every machine. */
export function hash32(...parts: readonly (string | number)[]): number {
  let bits = 0x811c9dc5;
  for (const part of parts) {
    const text = typeof part === 'string' ? part : `#${part}`;
    for (let at = 0; at < text.length; at += 1) {
      bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
    }
    bits = Math.imul(bits ^ 0x7c, 0x01000193);
  }
  return scramble(bits);
}

/** Spreads neighbouring inputs over all 32 bits: a plain FNV hash leaves consecutive numbers close together. */
function scramble(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Seeded chance. Every question about a call has dice of its own (`new Dice(seed, 'cost', index)`), so that an
 * answer never depends on which other questions were asked before it.
 */
export class Dice {
  #state: number;

  constructor(...parts: readonly (string | number)[]) {
    this.#state = hash32(...parts);
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number in [min, max], both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** True in `share` of the cases (0 never, 1 always). */
  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** Picks by weight; the weights need not sum up to one. */
  weighted<Item>(choices: readonly (readonly [item: Item, weight: number])[]): Item {
    let left = this.next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of choices) {
      left -= weight;
      if (left < 0) return item;
    }
    return this.pick(choices)[0];
  }

  /** That many decimal digits. */
  digits(count: number): string {
    let text = '';
    while (text.length < count) text += this.int(0, 9);
    return text;
  }

  /** That many characters out of letters and digits that cannot be confused when read aloud. */
  code(length: number): string {
    let text = '';
    while (text.length < length) text += this.pick(CODE_CHARACTERS);
    return text;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = Array.from({ length: 4 }, () =>
      Math.floor(this.next() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
    const tail = `${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${tail}`;
  }
}

const CODE_CHARACTERS = [...'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'];
