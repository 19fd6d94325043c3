import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { forTests } from '../../vitest.config.ts';

export default defineConfig({
  test: {
    include: ['test/emulator/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: ['scripts/temporary-folder.mjs', 'scripts/transpiled.mjs', 'scripts/emulator.mjs'],
    // Our modules keep no state between calls, so files can share the modules that they load.
    isolate: false,
    // Node runs modules faster than Vite does.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    execArgv: [...forTests],
    // Tests spend a third of the time on waiting for an answer. More workers would take longer,
    // because each of them loads the modules.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // The environment of the person who runs the tests has no effect.
    env: {
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
      AWS_CONFIG_FILE: '/nonexistent/config',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  },
});
