import { TransientError } from '../errors.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a body as UTF-8, refusing more than `maxBytes` of what comes out of it, however little was sent: a vendor's mistake
 * must not fill our memory. A byte order mark is no part of it.
 */
export async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes)
      throw new TransientError(`the answer is larger than ${maxBytes} bytes, once it is decompressed`);
    chunks.push(chunk);
  }
  // The pieces are let go of before the text is made: a large answer is in memory twice, not three times.
  const whole = Buffer.concat(chunks.splice(0));
  return whole.toString('utf8', whole.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0);
}
