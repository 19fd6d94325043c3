#!/usr/bin/env node
const { start } = require('../dist/cli/start.cjs');

start(require.resolve('../dist/cli/main.cjs'));
