import { chmodSync } from 'node:fs';

/** tsc writes plain files; the command line must be executable for `npx callhouse` to find it. */
for (const file of process.argv.slice(2)) chmodSync(file, 0o755);
