// Measures the engine. Prints figures and never fails because of a figure.
import { availableParallelism } from 'node:os';
import { Bench } from 'tinybench';
import { check, compile, demoEvidence, parse, ReadDocuments } from '../dist/index.js';

const account = '111122223333';
const [key] = demoEvidence.accounts[account].regions['us-east-1'].kms.keys;

const statements = (count) =>
  Array.from({ length: count }, (_, index) => ({
    Sid: `S${index}`,
    Effect: 'Allow',
    Action: index < 5 ? ['kms:CreateGrant', 'kms:DescribeKey'] : [`s3:Get${index}*`, `ec2:Describe${index}`],
    Resource: 'arn:aws:kms:*:111122223333:key/*',
    Condition: { StringLike: { 'kms:ViaService': index === 4 ? 'rds.*.amazonaws.com' : 'ec2.*.amazonaws.com' } },
  }));
const document = (count) => ({ Version: '2012-10-17', Statement: statements(count) });
const policies = (count) => ({
  identity: [{ name: 'identity', document: document(count) }],
  resource: { name: 'key policy', document: key.Policy },
});
// The policy of a role that restores: five statements, one of which is about KMS.
const fiveStatements = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['rds:Describe*', 'rds:List*'], Resource: '*' },
    { Effect: 'Allow', Action: ['rds:RestoreDBClusterFromSnapshot', 'rds:CreateDBInstance'], Resource: '*' },
    { Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['kms:CreateGrant', 'kms:DescribeKey'],
      Resource: 'arn:aws:kms:*:111122223333:key/*',
      Condition: { StringLike: { 'kms:ViaService': 'rds.*.amazonaws.com' } },
    },
    { Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' },
  ],
};
const request = (principal) => ({
  principal,
  action: 'kms:CreateGrant',
  resource: { arn: key.KeyMetadata.Arn, account },
  context: { 'kms:ViaService': 'rds.us-east-1.amazonaws.com', 'kms:GrantIsForAWSResource': 'true' },
});
const denied = request(`arn:aws:iam::${account}:role/operator`);
const allowed = request(`arn:aws:iam::${account}:user/administrator`);
const five = compile({ ...policies(5), identity: [{ name: 'identity', document: fiveStatements }] });
const ten = compile(policies(10));
const tenThousand = compile(policies(10_000));
const open = { ...allowed, context: {}, unknownKeys: ['kms:ViaService'] };
const stars = compile({
  identity: [
    {
      name: 'stars',
      document: {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: '*', Resource: `arn:aws:s3:::${'*a'.repeat(50)}*b` },
      },
    },
  ],
});
const long = {
  ...allowed,
  action: 's3:GetObject',
  resource: { arn: `arn:aws:s3:::${'a'.repeat(10_000)}`, account },
  context: {},
};
const granted = compile({
  ...policies(5),
  grants: Array.from({ length: 50_000 }, (_, index) => ({
    GrantId: String(index),
    GranteePrincipal: `arn:aws:iam::${account}:role/worker-${index}`,
    Operations: ['Decrypt', 'GenerateDataKey', 'DescribeKey'],
  })),
});
const managed = Array.from({ length: 1_000 }, (_, index) => JSON.stringify({ ...document(20), Id: String(index) }));

const restore = {
  operation: 'restore',
  principal: `arn:aws:iam::${account}:role/operator`,
  target: 'orders-before-upgrade',
  context: {},
  strict: false,
  evaluatedAt: '2026-11-01T09:00:00Z',
  explain: false,
  fix: false,
};

const bench = new Bench({ time: 1_000 });
bench
  .add('decide: denied by the key policy, 5 identity statements', () => five.authorize(denied))
  .add('decide: allowed by delegation, 5 identity statements', () => five.authorize(allowed))
  .add('decide: allowed, 5 of 10 identity statements name the action', () => ten.authorize(allowed))
  .add('decide: allowed, 5 of 10,000 identity statements name the action', () => tenThousand.authorize(allowed))
  .add('decide: depends on one unknown key, with witnesses', () => five.authorize(open))
  .add('decide: none of 50,000 grants of the key is to the principal', () => granted.authorize(denied))
  .add('match: *a*a*a...*b (50 stars) against 10,000 characters', () => stars.authorize(long));
await bench.run();

console.log(`Node ${process.version}, ${availableParallelism()} cores\n`);
console.log('median of each, one core'.padEnd(70), 'ops/s'.padStart(12), 'microseconds'.padStart(14));
for (const { name, result } of bench.tasks) {
  const microseconds = result.latency.p50 * 1_000;
  console.log(
    name.padEnd(70),
    Math.round(1e6 / microseconds)
      .toLocaleString('en')
      .padStart(12),
    microseconds.toFixed(2).padStart(14),
  );
}

console.log('\nmedian CPU time of each'.padEnd(84), 'milliseconds'.padStart(14));
cpuTime('parse: 1,000 managed policies of 20 statements', 5, () =>
  managed.map((text) => parse('identity', 'managed', text)),
);
cpuTime('check: a restore that fails, all calls and preconditions', 100, () => check(demoEvidence, restore));
cpuTime('check: the same with its fixes and what else they make possible', 20, () =>
  check(demoEvidence, { ...restore, fix: true }),
);

/** CPU time, not wall time: other programs interrupt a run that is longer than a time slice. */
function cpuTime(what, times, run) {
  const taken = Array.from({ length: times }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  });
  const median = taken.toSorted((a, b) => a - b)[Math.floor(times / 2)];
  console.log(what.padEnd(83), median.toFixed(2).padStart(14));
}

const read = new ReadDocuments();
const documents = Array.from({ length: 500 }, (_, index) => ({
  name: `managed/${index}`,
  document: document(5 + (index % 10)),
}));
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
const compiled = Array.from({ length: 10_000 }, (_, principal) =>
  compile(
    {
      identity: Array.from({ length: 10 }, (__, index) => documents[(principal * 7 + index * 13) % 500]),
      resource: policies(5).resource,
    },
    read,
  ),
);
for (const authorizer of compiled) authorizer.authorize(denied);
globalThis.gc?.();
const megabytes = (process.memoryUsage().heapUsed - before) / 2 ** 20;
console.log(
  `\nmemory: 10,000 principals with 10 of 500 managed policies each (100,000 compiled policies): ${Math.round(megabytes)} MB`,
);
