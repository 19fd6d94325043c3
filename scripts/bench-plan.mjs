// Measures how much time the built program takes to check a plan of 2,000 resources, beyond the
// time to load the program. Prints the rows of the table in docs/performance.md on standard output,
// and the results of the plans on standard error. The script never fails because of a figure.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { numbered } from './generated-account.mjs';
import { applier, emptyEvidence, evidenceOf, planOf } from './generated-plan.mjs';
import { measured, saved } from './measured-run.mjs';

/** How many resources of each type most plans of the bench have. */
const counts = {
  aws_kms_key: 100,
  aws_kms_key_policy: 100,
  aws_kms_alias: 100,
  aws_iam_role: 400,
  aws_iam_role_policy: 400,
  aws_iam_policy: 200,
  aws_iam_role_policy_attachment: 300,
  aws_rds_cluster: 100,
  aws_rds_cluster_instance: 100,
  aws_db_cluster_snapshot: 100,
  aws_s3_bucket: 100,
};
const each = (fateOf) =>
  Object.fromEntries(Object.entries(counts).map(([type, count]) => [type, { count, ...fateOf(count) }]));
const created = (count) => ({ count, creates: count });

const mixed = {
  aws_kms_key: { count: 100, updates: 20, creates: 20 },
  aws_kms_key_policy: { count: 100, updates: 20, creates: 20 },
  aws_kms_alias: { count: 100, creates: 20 },
  aws_iam_role: { count: 400, updates: 80, creates: 60 },
  aws_iam_role_policy: { count: 400, updates: 80, creates: 60 },
  aws_iam_policy: { count: 200, updates: 40, creates: 40 },
  aws_iam_role_policy_attachment: { count: 300, creates: 60 },
  aws_rds_cluster: { count: 100, updates: 20, creates: 30 },
  aws_rds_cluster_instance: { count: 100, creates: 30 },
  aws_db_cluster_snapshot: { count: 100, creates: 30 },
  aws_s3_bucket: { count: 100, updates: 20, creates: 20 },
};

const shapes = {
  'a third changes': { kinds: mixed },
  'a third changes, in 20 instances of a module': { kinds: mixed, modules: 20 },
  'a third changes, without any evidence': { kinds: mixed, evidence: emptyEvidence },
  'all created': { kinds: each((count) => ({ creates: count })) },
  'all created, in 20 instances of a module': { kinds: each((count) => ({ creates: count })), modules: 20 },
  'all updated': { kinds: each((count) => ({ updates: count })) },
  'all replaced': { kinds: each((count) => ({ replaces: count })) },
  'all deleted': { kinds: each((count) => ({ deletes: count })) },
  'one of each type updated': { kinds: each(() => ({ updates: 1 })) },
  'nothing changes': { kinds: each(() => ({})) },
  '1,800 clusters restored': {
    kinds: { aws_rds_cluster: created(1_800), aws_db_cluster_snapshot: { count: 100 }, aws_kms_key: { count: 100 } },
  },
  '1,000 roles created, each with a policy': {
    kinds: { aws_iam_role: created(1_000), aws_iam_role_policy: created(1_000) },
  },
  '1,000 keys created, each with a policy': {
    kinds: { aws_kms_key: created(1_000), aws_kms_key_policy: created(1_000) },
  },
  '1,400 attachments created': {
    kinds: {
      aws_iam_role: { count: 400 },
      aws_iam_policy: { count: 200 },
      aws_iam_role_policy_attachment: created(1_400),
    },
  },
};

/** The path of another build, and a part of the names of the shapes to measure. */
const [build, wanted = ''] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
try {
  console.error(`Node ${process.version}; plans of 2,000 resources; seconds beyond loading`);
  for (const [name, shape] of Object.entries(shapes).filter(([one]) => one.includes(wanted))) {
    const plan = planOf(shape);
    const evidence = saved(folder, 'evidence.json', shape.evidence ?? evidenceOf(shape));
    const loading = median(saved(folder, 'nothing.json', withoutEffect(plan)), evidence);
    const whole = median(saved(folder, 'plan.json', plan), evidence);
    const [read] = whole.report.plans;
    const { holds, broken, unproven } = whole.report.summary;
    const beyond = (of) => `${(whole[of] - loading[of]).toFixed(1)} s`;
    console.log(`| ${name} | ${beyond('wall')} | ${beyond('cpu')} | ${whole.megabytes} MB |`);
    console.error(
      `${read.changes} changes; ${holds} requests hold, ${broken} broken, ${unproven} unproven; ${whole.report.effects?.length ?? 0} effects`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * The same plan without any effect: the program still reads and checks everything. Ephemeral
 * resources do not exist after the apply, and the program skips deposed resources of the state.
 */
function withoutEffect(plan) {
  const state = plan.prior_state.values.root_module.resources.map((one) => ({ ...one, deposed_key: 'old' }));
  return {
    ...plan,
    resource_changes: plan.resource_changes.map((change) => ({ ...change, mode: 'ephemeral' })),
    prior_state: { ...plan.prior_state, values: { root_module: { resources: state } } },
  };
}

/** Of three runs, the run with the middle time. */
function median(plan, evidence) {
  const runs = numbered(3, () => run(plan, evidence));
  return runs.toSorted((one, other) => one.cpu - other.cpu)[1];
}

function run(plan, evidence) {
  const { stdout, ...cost } = measured(
    ['preflight', '--plan', plan, '--evidence', evidence, '--principal', applier, '--output', 'json'],
    { cwd: folder, ...(build === undefined ? {} : { at: resolve(build) }) },
  );
  return { report: JSON.parse(stdout), ...cost };
}
