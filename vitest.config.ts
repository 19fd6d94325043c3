import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Files that put other modules in the place of ours. */
const mocking = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test', name))
  .filter((path) => readFileSync(path, 'utf8').includes('vi.mock('));

/**
 * Options of Node for a process that runs tests. Tests run most functions only a few times: to
 * optimize fewer saves a fifth of the time on Node 20. They make much that lives briefly: a larger
 * space for it takes less collecting.
 */
export const forTests: readonly string[] = [
  '--max-semi-space-size=64',
  process.versions.v8.startsWith('11.') ? '--interrupt-budget=1500000' : '--invocation-count-for-turbofan=30000',
  '--enable-source-maps',
  '--import',
  './scripts/typescript.mjs',
];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    tags: [{ name: 'slow', description: 'Left out of npm test; npm run test:slow runs them.' }],
    globalSetup: ['scripts/temporary-folder.mjs'],
    // Vitest leaves one processor unused by default.
    maxWorkers: '100%',
    // Nothing of whoever runs the tests.
    env: {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
      AWS_CONFIG_FILE: '/nonexistent/config',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    projects: [
      {
        extends: true,
        test: {
          // Our modules keep nothing between calls, so that files share what they load.
          name: 'shared modules',
          isolate: false,
          // Node runs modules faster than Vite does, where nothing takes their place.
          experimental: { viteModuleRunner: false, nodeLoader: false },
          execArgv: [...forTests],
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/emulator/**', 'test/ci-formats/**', ...mocking],
        },
      },
      { extends: true, test: { name: 'own modules', include: mocking } },
    ],
  },
});
