import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  test: {
    include: ['e2e/*.e2e.ts', 'e2e/web/*.e2e.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // each file runs a whole server and database: side by side they would only take the cores from each other
    maxWorkers: 1,
  },
});
