import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const texts = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => ({ path: join('test', name), text: readFileSync(join('test', name), 'utf8') }));

function filesWith(pattern: RegExp): readonly string[] {
  return texts.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
}

/** Files that put other modules in the place of ours. */
const mocking = filesWith(/vi\.mock\(/);

/** Files without a test that the tags of this run choose. Vitest would load each of them. */
const left = process.argv.includes('--tagsFilter=!slow')
  ? filesWith(/^\/\/ @module-tag slow$/m)
  : process.argv.includes('--tagsFilter=slow')
    ? filesWith(/^(?!.*(?:@module-tag slow|tags: 'slow'))/s)
    : [];

/**
 * Options of Node for a process that runs tests. Tests run most functions only a few times. To
 * compile all of them quickly and to optimize few saves a fourth of the time on Node 20. Tests
 * create many objects that live briefly: a larger space for these takes less collecting. Each
 * processor runs tests, so threads that help to collect would only wait for each other.
 */
export const forTests: readonly string[] = [
  '--max-semi-space-size=128',
  '--single-threaded-gc',
  '--always-sparkplug',
  process.versions.v8.startsWith('11.') ? '--interrupt-budget=1500000' : '--invocation-count-for-turbofan=30000',
  '--enable-source-maps',
  '--import',
  './scripts/typescript.mjs',
];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    tags: [{ name: 'slow', description: 'Left out of npm test; npm run test:slow runs them.' }],
    globalSetup: ['scripts/temporary-folder.mjs', 'scripts/transpiled.mjs'],
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
          exclude: ['test/browser/**', 'test/emulator/**', 'test/ci-formats/**', ...mocking, ...left],
        },
      },
      { extends: true, test: { name: 'own modules', include: [...mocking], exclude: [...left] } },
    ],
  },
});
