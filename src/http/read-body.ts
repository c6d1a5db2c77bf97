import { TransientError } from '../errors.ts';

/** Reads a body as UTF-8, refusing more than `maxBytes`: a vendor's mistake must not fill our memory. */
export async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TransientError(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  // The pieces are let go of before the text is made: a large answer is in memory twice, not three times.
  const whole = Buffer.concat(chunks.splice(0));
  return whole.toString('utf8');
}
