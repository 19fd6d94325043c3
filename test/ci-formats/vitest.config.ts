import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/ci-formats/**/*.test.ts'],
    globalSetup: ['scripts/temporary-folder.mjs'],
    testTimeout: 120_000,
  },
});
