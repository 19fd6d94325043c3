// Prints one of the README's two commands: `demo` or `test`. CI runs the printed command, so CI and
// the README cannot differ.
import { readFileSync } from 'node:fs';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [demo, test] = [...readme.matchAll(/^```sh\n(.*)\n```$/gm)].map((block) => block[1]);
const command = { demo, test }[process.argv[2] ?? ''];
if (command === undefined) throw new Error('usage: readme-command.mjs demo|test');
console.log(command);
