/*
 * The parameters of RDS's APIs that no check uses. They are listed so that users can paste a
 * command of the AWS CLI as it is. If only the checks of some APIs use a parameter, it is unused
 * for the others.
 */

/**
 * A parameter under its AWS CLI name, without dashes. It takes one value, several words, or none.
 */
export interface UnusedParameter {
  readonly name: string;
  readonly kind: 'value' | 'list' | 'switch';
}

/** Lists and structures are given as several words. */
const names: Readonly<Record<UnusedParameter['kind'], string>> = {
  value: `
    allocated-storage automation-mode availability-zone aws-backup-recovery-point-arn
    backtrack-window backup-retention-period backup-target ca-certificate-identifier
    character-set-name cluster-scalability-type custom-iam-instance-profile
    database-insights-mode database-name db-capacity-reservation-identifier
    db-cluster-instance-class db-cluster-snapshot-identifier db-instance-class
    db-instance-parameter-group-name db-name db-port-number db-snapshot-identifier db-system-id
    domain domain-auth-secret-arn domain-fqdn domain-iam-role-name domain-ou engine
    engine-lifecycle-support engine-mode engine-version export-task-identifier global-cluster-identifier iops
    license-model master-user-authentication-type master-user-password
    master-user-secret-kms-key-id master-username max-allocated-storage monitoring-interval
    monitoring-role-arn nchar-character-set-name network-type new-db-cluster-identifier
    new-db-instance-identifier option-group-name performance-insights-kms-key-id
    performance-insights-retention-period port pre-signed-url preferred-backup-window
    preferred-maintenance-window promotion-tier replica-mode restore-time restore-to-time
    restore-type resume-full-automation-mode-minutes s3-prefix snapshot-availability-zone
    snapshot-target source-db-cluster-identifier storage-throughput storage-type
    target-custom-availability-zone tde-credential-arn tde-credential-password timezone`,
  list: `
    additional-storage-volumes availability-zones
    cloudwatch-logs-export-configuration db-security-groups domain-dns-ips
    enable-cloudwatch-logs-exports export-only processor-features
    rds-custom-cluster-configuration scaling-configuration serverless-v2-scaling-configuration
    tag-specifications values-to-remove vpc-security-group-ids`,
  switch: `
    allow-engine-mode-change allow-major-version-upgrade apply-immediately
    auto-minor-version-upgrade certificate-rotation-restart copy-option-group copy-tags-to-snapshot dedicated-log-volume
    delete-automated-backups deletion-protection detach-from-db-capacity-reservation
    disable-domain enable-customer-owned-ip enable-global-write-forwarding enable-http-endpoint
    enable-iam-database-authentication enable-internet-access-gateway enable-limitless-database
    enable-local-write-forwarding enable-performance-insights enable-vpc-networking
    manage-master-user-password multi-az multi-tenant publicly-accessible upgrade-storage-config
    use-default-processor-features use-latest-restorable-time with-express-configuration`,
};

/** The unused parameters of all APIs. */
export function unusedParameters(): readonly UnusedParameter[] {
  const ofKind = (kind: UnusedParameter['kind']): readonly UnusedParameter[] =>
    names[kind]
      .trim()
      .split(/\s+/)
      .map((name) => ({ name, kind }));
  return [...ofKind('value'), ...ofKind('list'), ...ofKind('switch')];
}
