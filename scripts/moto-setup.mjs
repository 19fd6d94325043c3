// Puts the AWS emulator that the live tests read into a folder of its own, unless it is there already.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const folder = '.venv-moto';
const wanted = readFileSync('test/emulator/requirements.txt', 'utf8');
const stamp = `${folder}/requirements.txt`;
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) process.exit(0);

function step(command, args, missing) {
  const { status, error, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  if (status === 0) return;
  console.error(`the emulator tests need ${missing}`);
  console.error(`  ${command} ${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  process.exit(1);
}

step('python3', ['--version'], 'Python 3.9 or later (python3)');
step('python3', ['-m', 'venv', '--clear', folder], "Python's venv module (on Debian: python3-venv)");
const pip = [
  `${folder}/bin/python`,
  ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'test/emulator/requirements.txt'],
];
step(...pip, `${wanted.trim()} from the Python package index`);
writeFileSync(stamp, wanted);
