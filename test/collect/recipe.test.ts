import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recipe } from '../../src/collect/recipe.ts';

/*
 * The start of the recipe. A stub replaces the AWS CLI and acts like a CLI without any
 * configuration.
 */

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
  writeFileSync(join(folder, 'recipe.sh'), recipe());
  writeFileSync(join(folder, 'aws'), '#!/bin/sh\necho "asked: $*" >&2\nexit 1\n');
  chmodSync(join(folder, 'aws'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

function started(regions: readonly string[], environment: Readonly<Record<string, string>>) {
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const args = [join(folder, 'recipe.sh'), ...regions];
  return spawnSync('sh', args, { env: { PATH, ...environment }, encoding: 'utf8' });
}

describe('without a Region', () => {
  test('the recipe says what to set, and calls nothing else', () => {
    const { status, stdout, stderr } = started([], {});
    expect({ status, stdout }).toEqual({ status: 253, stdout: '' });
    expect(stderr).toContain(
      'error: no Region is set\n  name the Regions (sh recipe.sh us-east-1) or set AWS_REGION\n',
    );
    expect(stderr.match(/asked: .*/g)).toEqual(['asked: configure get region']);
  });
});

describe('with a Region', () => {
  test.each([
    ['as an argument', ['us-east-1'], {}],
    ['in AWS_REGION', [], { AWS_REGION: 'us-east-1' }],
    ['in AWS_DEFAULT_REGION', [], { AWS_DEFAULT_REGION: 'us-east-1' }],
  ])('%s: the recipe asks who calls', (_, regions, environment) => {
    const { stderr } = started(regions, environment);
    expect(stderr.match(/asked: .*/g)).toEqual(['asked: sts get-caller-identity --query Account --output text']);
  });
});
