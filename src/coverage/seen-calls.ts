import { createHash } from 'node:crypto';
import { canonicalJson } from '../json.ts';
import type { ListedCall } from '../source.ts';

const KEY_BYTES = 8;

/**
 * The calls that the pages of a window have shown, each once. Kept as eight bytes a call, so that they can be saved with
 * the window's cursor: a crash in the middle of a window must not cost what its pages have proved.
 */
export class SeenCalls {
  readonly #keys: Set<bigint>;

  private constructor(keys: Set<bigint>) {
    this.#keys = keys;
  }

  static none(): SeenCalls {
    return new SeenCalls(new Set());
  }

  /** Reads what `added` gave, one after the other. */
  static from(bytes: Buffer): SeenCalls {
    const keys = new Set<bigint>();
    for (let at = 0; at + KEY_BYTES <= bytes.length; at += KEY_BYTES) keys.add(bytes.readBigUInt64BE(at));
    return new SeenCalls(keys);
  }

  get count(): number {
    return this.#keys.size;
  }

  /** Those of the calls that are not among the seen ones, each once. */
  unseen(calls: readonly ListedCall[]): ListedCall[] {
    const fresh = new Map(calls.map((call) => [keyOf(call), call]));
    return [...fresh].flatMap(([key, call]) => (this.#keys.has(key) ? [] : [call]));
  }

  /** Adds calls, and gives the bytes by which they can be saved. */
  add(calls: readonly ListedCall[]): Buffer {
    const keys = calls.map(keyOf);
    const bytes = Buffer.alloc(keys.length * KEY_BYTES);
    for (const [i, key] of keys.entries()) {
      this.#keys.add(key);
      bytes.writeBigUInt64BE(key, i * KEY_BYTES);
    }
    return bytes;
  }
}

/** A record without an id is told from others by all that it says. */
function keyOf({ callId, payloads }: ListedCall): bigint {
  const name = callId ?? canonicalJson(payloads.list ?? payloads.detail ?? null);
  return createHash('sha1').update(name).digest().readBigUInt64BE(0);
}
