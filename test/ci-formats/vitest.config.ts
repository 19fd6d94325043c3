import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/ci-formats/**/*.test.ts'], testTimeout: 120_000 } });
