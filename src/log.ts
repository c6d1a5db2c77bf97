import { type Logger, pino } from 'pino';
import { redactText } from './secrets.ts';

export type { Logger };

/**
 * Logs as JSON lines on stderr, so that stdout is for results. Keys that could hold a credential or a person are
 * redacted; texts are scrubbed of credentials by value as well, because keys alone leak.
 */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['authorization', '*.authorization', 'apiKey', '*.apiKey', 'password', '*.password'],
        censor: '[REDACTED]',
      },
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg)) as never);
        },
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
