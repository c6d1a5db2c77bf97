import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * `TEST_DATABASE_URL` and `TEST_POSTGRES` choose the PostgreSQL of the tests. Vite hands variables with this
 * prefix to `test/support/global-setup.ts`, from the environment or from `.env.test.local`.
 */
export default defineConfig({
  envPrefix: 'TEST_',
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Real processes: a test may break its connections, count its open handles and end its children.
    pool: 'forks',
    // Half of them wait for processes and clocks: one worker would leave two cores idle.
    maxWorkers: Math.max(2, availableParallelism()),
    // What takes ten seconds on a quiet machine was seen to take seventy on a busy one. A limit is for what hangs.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    // A test that passes at the second try hides the bug it was written for.
    retry: 0,
  },
});
