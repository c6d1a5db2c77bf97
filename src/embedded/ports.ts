import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { failedWith } from './file-errors.ts';

/** Below the ports that systems hand to outgoing connections: there, a kept port would often be taken later. */
const FIRST_PORT = 15_432;
const LAST_PORT = 25_431;
const ATTEMPTS = 100;

/** A port of 127.0.0.1 that nothing listens on now. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`${ATTEMPTS} ports between ${FIRST_PORT} and ${LAST_PORT} are all taken`);
}

/** Whether a server could listen on this port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (failedWith(error, 'EADDRINUSE', 'EACCES')) resolve(false);
      else reject(error);
    });
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
