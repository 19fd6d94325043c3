import { expect, test } from 'vitest';
import { waitText } from '../../src/explain/waits.ts';

/*
 * A module cannot refer to resources of another module. So a `depends_on` between modules names a
 * whole module.
 */

test.each([
  ['aws_rds_cluster.c', ['aws_kms_key_policy.p'], 'depends_on = [aws_kms_key_policy.p]'],
  ['aws_rds_cluster.c', ['aws_kms_key_policy.p["a.b"]'], 'depends_on = [aws_kms_key_policy.p]'],
  ['aws_rds_cluster.c', ['module.kms.aws_kms_key_policy.p'], 'depends_on = [module.kms]'],
  ['aws_rds_cluster.c', ['module.kms["x.y"].module.in.aws_kms_key_policy.p'], 'depends_on = [module.kms]'],
  ['module.db[0].aws_rds_cluster.c', ['module.kms.aws_kms_key_policy.p'], 'depends_on = [module.kms] to module.db'],
  ['module.db.aws_rds_cluster.c', ['aws_iam_role_policy.p'], 'depends_on = [aws_iam_role_policy.p] to module.db'],
  ['module.db.aws_rds_cluster.c', ['module.db.aws_kms_key_policy.p'], 'depends_on = [aws_kms_key_policy.p]'],
  [
    'module.a.module.b.aws_rds_cluster.c',
    ['module.a.module.d.aws_kms_key_policy.p', 'module.a.aws_iam_role_policy.q', 'module.e.aws_kms_grant.g'],
    'depends_on = [module.d, aws_iam_role_policy.q] to module.a.module.b and depends_on = [module.e] to module.a',
  ],
])('%s after %s: %s', (of, others, text) => {
  expect(waitText(of, others)).toBe(text);
});
