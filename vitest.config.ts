import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: ['test/emulator/**', 'test/ci-formats/**'], testTimeout: 120_000 },
});
