// Installs the Python packages that tests need into a folder of their own, unless they are already
// installed. By default, this is the AWS emulator that the live tests read.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [folder = '.venv-moto', list = 'test/emulator/requirements.txt', who = 'the emulator tests'] =
  process.argv.slice(2);
const wanted = readFileSync(list, 'utf8');
const stamp = `${folder}/requirements.txt`;
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) process.exit(0);

function step(command, args, missing) {
  const { status, error, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  if (status === 0) return;
  console.error(`${who} need ${missing}`);
  console.error(`  ${command} ${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  process.exit(1);
}

step('python3', ['--version'], 'Python 3.9 or later (python3)');
step('python3', ['-m', 'venv', '--clear', folder], "Python's venv module (on Debian: python3-venv)");
const pip = [`${folder}/bin/python`, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', list]];
step(...pip, `${wanted.trim()} from the Python package index`);
writeFileSync(stamp, wanted);
