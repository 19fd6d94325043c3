// Feeds mutated input to the built library, and every five hundredth input to the built program.
//   node scripts/fuzz.mjs --minutes 10               a fresh seed, which the script prints
//   node scripts/fuzz.mjs --seed 7 --inputs 1000000 --runs 2000
// A finding is a crash, an input that takes over ten seconds, output that controls a terminal or a
// log, or a verdict on refused input. The script writes each finding to a file and exits with 1.
// Each finding then becomes a case under test/cases.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  anonymize,
  authorize,
  catalogue,
  check,
  demoEvidence,
  diagnose,
  Failure,
  InvalidPolicies,
  InvalidRequest,
  loadEvidence,
  mergeEvidence,
  render,
} from '../dist/index.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    inputs: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const until = values.minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + Number(values.minutes) * 60_000;
const mostInputs = Number(values.inputs ?? (values.minutes === undefined ? 20_000 : Number.POSITIVE_INFINITY));
const mostRuns = Number(
  values.runs ?? (mostInputs === Number.POSITIVE_INFINITY ? mostInputs : Math.ceil(mostInputs / 500)),
);
/** How many inputs the library gets between two runs of the program. */
const between = mostRuns === Number.POSITIVE_INFINITY ? 500 : Math.max(1, Math.floor(mostInputs / mostRuns));

/** mulberry32. */
let state = seed >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const below = (count) => Math.floor(random() * count);
const oneOf = (list) => list[below(list.length)];

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const errorTexts = read('test/cases/diagnose/error-texts.json').cases.map(({ text }) => text);
const events = [read('test/e2e/incidents/create-grant.json')];
const account = '111122223333';
const principals = demoEvidence.accounts[account].iam.RoleDetailList.map(({ Arn }) => Arn);
const keyPolicy = demoEvidence.accounts[account].regions['us-east-1'].kms.keys[0].Policy;

const hostileTexts = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'valueOf',
    'hasOwnProperty',
    'isPrototypeOf',
    '__defineGetter__',
    'length',
  ],
  ...[
    '',
    ' ',
    '*',
    '?',
    '**',
    '${',
    '${}',
    '${aws:username}',
    '${*}',
    'arn:',
    'arn:aws:iam::',
    ':',
    '/',
    'null',
    'true',
    '0',
    '-1',
  ],
  ...[
    '\u0000',
    '\n::error file=a::pwned',
    '\u001b[31m',
    '\u009b31m',
    '\u202e',
    '\u2028',
    '##vso[x]',
    '##[error]',
    '\ud800',
    'ä🦊',
  ],
  ...[
    '$(id)',
    "'; id; '",
    '-x',
    '2026-11-20',
    '2026-11-20T00:00:00Z',
    '1e400',
    '10.0.0.0/33',
    '::/0',
    'a'.repeat(5000),
  ],
  ...[
    '*a'.repeat(300),
    '?'.repeat(500),
    'arn:aws:iam::111122223333:role/x',
    'arn:aws:kms:us-east-1:111122223333:key/k1',
  ],
  ...[
    'kms:*',
    'rds:Restore*',
    'alias/orders',
    '111122223333',
    'Deny',
    'Allow',
    'us-east-1',
    'eusc-de-east-1',
    'AWS_RAM',
  ],
];
const strange = [
  ...[null, true, false, 0, -1, 1e308, [], {}, [[]], [null], [{}], { a: { b: [] } }],
  JSON.parse('{"__proto__": {"Effect": "Allow"}, "constructor": 1, "toString": []}'),
  JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`),
];
const names = [
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'Condition',
  'Statement',
  'Sid',
  'Arn',
];

/** Places in JSON: the object or list that holds a value, and the name of the value. */
function placesIn(json) {
  const places = [];
  const left = [json];
  for (let holder = left.pop(); holder !== undefined; holder = left.pop())
    for (const name of Object.keys(holder)) {
      places.push({ holder, name });
      if (typeof holder[name] === 'object' && holder[name] !== null) left.push(holder[name]);
    }
  return places;
}

function set(holder, name, value) {
  Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
}

function mutated(json) {
  const copy = structuredClone(json);
  for (let count = 1 + below(3); count > 0; count--) {
    const places = placesIn(copy);
    if (places.length === 0) return copy;
    const { holder, name } = oneOf(places);
    const value = holder[name];
    const how = below(10);
    if (how < 4)
      set(holder, name, typeof value === 'string' && random() < 0.7 ? mutatedText(value) : oneOf(hostileTexts));
    else if (how === 4) set(holder, name, structuredClone(oneOf(strange)));
    else if (how === 5) delete holder[name];
    else if (how === 6) set(holder, Array.isArray(holder) ? holder.length : oneOf([...hostileTexts, ...names]), value);
    else if (how === 7) set(holder, name, [value, structuredClone(value)]);
    else if (how === 8) {
      const other = oneOf(places);
      set(holder, name, structuredClone(other.holder[other.name]));
    } else if (Array.isArray(holder)) holder.push(structuredClone(value));
    else {
      delete holder[name];
      set(holder, random() < 0.5 ? name.toLowerCase() : oneOf(hostileTexts), value);
    }
  }
  return copy;
}

function mutatedText(text) {
  const at = below(text.length + 1);
  const end = at + below(text.length - at + 1);
  switch (below(5)) {
    case 0:
      return text.slice(0, at) + oneOf(hostileTexts) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(end);
    case 2:
      return text.slice(0, at) + text.slice(at, end).repeat(3) + text.slice(end);
    case 3:
      return random() < 0.5 ? text.toUpperCase() : text.toLowerCase();
    default:
      return text.slice(0, at) + String.fromCharCode(below(random() < 0.8 ? 256 : 65_536)) + text.slice(at + 1);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-fuzz-'));
const scratch = join(folder, 'evidence.json');
const evaluatedAt = '2026-11-23T00:00:00Z';

/** The text of an evidence file, sometimes with a syntax fault. */
function evidenceText() {
  const text = JSON.stringify(mutated(demoEvidence));
  return random() < 0.05 ? mutatedText(text) : text;
}

function loaded(text) {
  writeFileSync(scratch, text);
  return loadEvidence(scratch);
}

const context = () =>
  Object.fromEntries(
    Array.from({ length: below(3) }, () => [
      oneOf([
        'aws:SourceIp',
        'aws:CurrentTime',
        'aws:MultiFactorAuthPresent',
        'aws:PrincipalTag/x',
        'kms:ViaService',
        ...hostileTexts,
      ]),
      Array.from({ length: below(3) }, () => oneOf(hostileTexts)),
    ]),
  );

/** One mutated input of each kind: a description, and the call that gets the input. */
const kinds = {
  evidence() {
    const input = { text: evidenceText(), question: question() };
    return { input, act: () => check(loaded(input.text), input.question) };
  },
  merge() {
    const input = { one: mutated(demoEvidence), other: mutated(demoEvidence) };
    return {
      input,
      act: () => {
        mergeEvidence([input.one, input.other]);
        anonymize(loaded(JSON.stringify(input.one)));
      },
    };
  },
  event() {
    const input = { event: JSON.stringify(mutated(oneOf(events))) };
    return { input, act: () => diagnose(demoEvidence, input.event, { fix: false, evaluatedAt }) };
  },
  error() {
    const input = { text: mutatedText(oneOf(errorTexts)), question: question() };
    return { input, act: () => diagnose(demoEvidence, input.text, input.question) };
  },
  policy() {
    const input = { document: mutated(keyPolicy), kind: oneOf(['identity', 'resource']), context: context() };
    return {
      input,
      act: () => {
        const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
        const policy = { name: 'p', document: input.document };
        const identity = input.kind === 'identity' ? [policy] : [{ name: 'i', document: everything }];
        const request = {
          principal: oneOf(principals),
          action: oneOf(['kms:CreateGrant', 'kms:DescribeKey', ...hostileTexts]),
          resource: { arn: `arn:aws:kms:us-east-1:${account}:key/k1`, account },
          context: input.context,
        };
        authorize(request, {
          identity,
          resource: input.kind === 'resource' ? policy : { name: 'k', document: keyPolicy },
        }).trace();
      },
    };
  },
  context() {
    const input = { question: { ...question(), context: context() } };
    return { input, act: () => check(demoEvidence, input.question) };
  },
};

function question() {
  return {
    operation: oneOf(catalogue).command,
    principal: random() < 0.9 ? oneOf(principals) : oneOf(hostileTexts),
    ...(random() < 0.2 ? { target: oneOf(hostileTexts) } : {}),
    ...(random() < 0.2 ? { parameters: { kmsKeyId: oneOf(hostileTexts) } } : {}),
    region: 'us-east-1',
    evaluatedAt,
    fix: below(50) === 0,
  };
}

const obeyed = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[|##vso\[|##teamcity\[|(?:^|[^\w:*])::[a-z]/imu;
const refusals = [Failure, InvalidPolicies, InvalidRequest];
const counts = { inputs: 0, answered: 0, refused: 0, runs: 0, findings: 0, slowest: 0 };

function finding(what, input, error) {
  counts.findings++;
  const path = join(folder, `finding-${counts.findings}.json`);
  writeFileSync(path, JSON.stringify({ seed, number: counts.inputs, what, input }, undefined, 1));
  console.error(
    `${what} (seed ${seed}, input ${counts.inputs}): ${path}${error === undefined ? '' : `\n${error.stack}`}`,
  );
}

function tryInProcess() {
  const kind = oneOf(Object.keys(kinds));
  const { input, act } = kinds[kind]();
  // CPU time, because other processes do not lengthen it.
  const start = process.cpuUsage();
  try {
    const report = act();
    counts.answered++;
    if (report !== undefined)
      for (const format of ['text', 'json']) {
        const drawn = render(report, { format });
        if (obeyed.test(drawn)) finding(`${kind}: ${format} holds ${JSON.stringify(obeyed.exec(drawn)[0])}`, input);
        if (format === 'json') JSON.parse(drawn);
      }
  } catch (error) {
    if (refusals.some((one) => error instanceof one)) counts.refused++;
    else finding(`${kind}: crash`, input, error);
  }
  const { user, system } = process.cpuUsage(start);
  const took = (user + system) / 1000;
  counts.slowest = Math.max(counts.slowest, took);
  if (took > 10_000) finding(`${kind}: took ${Math.round(took / 1000)} s`, input);
}

const write = (name, content) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** Arguments of the program, with mutated files and names. */
function commandLine() {
  const evidence = ['--evidence', write('run.json', evidenceText())];
  const who = ['--principal', random() < 0.8 ? oneOf(principals) : oneOf(hostileTexts)];
  const output = random() < 0.3 ? ['--output', 'json'] : random() < 0.3 ? ['--explain', '--color', 'off'] : [];
  switch (below(6)) {
    case 0:
      return ['diagnose', write('event.json', JSON.stringify(mutated(oneOf(events)))), '--demo', ...output];
    case 1:
      return ['diagnose', '--error', mutatedText(oneOf(errorTexts)), '--demo', ...who, ...output];
    case 2:
      return ['evidence', 'check', write('look.json', evidenceText())];
    case 3:
      return [
        'restore',
        '--demo',
        ...who,
        '--session-policy',
        write('policy.json', JSON.stringify(mutated(keyPolicy))),
      ];
    case 4:
      return [oneOf(catalogue).command, ...evidence, ...who, '--debug', ...output];
    default:
      return [oneOf(catalogue).command, ...evidence, ...who, '--snapshot', oneOf(hostileTexts), ...output];
  }
}

function tryProgram() {
  counts.runs++;
  // An argument cannot contain a zero byte.
  const args = commandLine().map((argument) => argument.replaceAll('\0', ''));
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };
  const bin = join(root, 'bin/aurora-kms-check.js');
  const run = () =>
    spawnSync(process.execPath, [bin, ...args], {
      encoding: 'utf8',
      env,
      input: '',
      timeout: 10_000,
      maxBuffer: 2 ** 30,
    });
  const first = run();
  // A single timeout may come from a busy machine, so the run is repeated.
  const { status, stdout, stderr } = first.status === null ? run() : first;
  const input = {
    args,
    files: Object.fromEntries(
      args.filter((one) => one.startsWith(folder)).map((one) => [one, readFileSync(one, 'utf8')]),
    ),
  };
  if (status === null) finding('program: no end within 10 s', input);
  else if (![0, 1, 2, 252].includes(status)) finding(`program: exit code ${status}: ${stderr.slice(0, 300)}`, input);
  else if (status === 252 && stdout !== '') finding('program: an answer to refused input', input);
  if (obeyed.test(stdout + stderr))
    finding(`program: output holds ${JSON.stringify(obeyed.exec(stdout + stderr)[0])}`, input);
}

console.log(`seed ${seed}`);
const start = Date.now();
for (let reportedAt = start; counts.inputs < mostInputs && Date.now() < until; ) {
  counts.inputs++;
  tryInProcess();
  if (counts.inputs % between === 0 && counts.runs < mostRuns) tryProgram();
  if (Date.now() - reportedAt > 60_000) {
    reportedAt = Date.now();
    console.log(`${counts.inputs} inputs, ${counts.runs} runs, ${counts.findings} findings`);
  }
}
const { inputs, answered, refused, runs, findings, slowest } = counts;
console.log(
  `${inputs} inputs (${answered} answered, ${refused} refused), ${runs} runs of the program, ${findings} findings, slowest input ${Math.round(slowest)} ms, ${Math.round((Date.now() - start) / 1000)} s`,
);
process.exitCode = findings === 0 ? 0 : 1;
