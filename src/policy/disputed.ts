/**
 * The points where AWS's own pages or known engines disagree: the question under its number in
 * iam-evaluation 10, and the choice of this engine. `open` leaves the answer open and names the
 * point. The other choices follow the better evidence. Each point has a case under test/cases.
 */
export const disputed = {
  '10.1': { question: 'aws:SourceIp on a forwarded call', choice: 'open' },
  '10.2': { question: 'ForAllValues with a negated operator on an absent key', choice: 'matches' },
  '10.3': { question: 'NotIpAddress and addresses of the other family', choice: 'everything outside the range' },
  '10.4': { question: 'ForAnyValue with IfExists on an absent key', choice: 'open' },
  '10.5': { question: 'variables under Bool', choice: 'replaced, with a warning' },
  '10.6': { question: 'negated operators on an absent key', choice: 'match' },
  '10.7': { question: 'an unresolved variable under a negated operator', choice: 'matches' },
  '10.8': { question: 'ArnLike with the value *', choice: 'open' },
  '10.9': { question: 'a federated user without session policy', choice: 'has nothing from identity policies' },
  '10.10': { question: 'a resource policy that names the session, and a silent session policy', choice: 'allows' },
  '10.11': { question: 'a resource policy that names the role, and a silent boundary', choice: 'is limited by it' },
  '10.12': { question: 'epoch numbers against ISO dates', choice: 'seconds' },
  '10.15': { question: 'upper case in partition, service, Region or account of a Resource', choice: 'open' },
  '10.16': { question: 'an incomplete ARN in a session policy', choice: 'refused' },
  '10.17': { question: 'an SCP Allow with a specific resource', choice: 'evaluated, with a warning' },
  '10.18': { question: 'which services RCPs apply to', choice: 'the list of the Organizations page' },
  '10.19': { question: 'a service principal as grantee', choice: 'accepted on read' },
  '10.20': { question: 'several values of one key', choice: 'any of them' },
  '10.21': { question: 'NotPrincipal that lists only some identities of the caller', choice: 'open' },
  '10.23': { question: 'several entries in NotResource', choice: 'none may match' },
  '10.24': { question: 'an IPv6 address without prefix', choice: '/128, with a warning' },
  '10.26': { question: 'the IAM user behind a federated user', choice: 'never derived from the name' },
  '10.27': { question: 'aws:ResourceTag in a key policy', choice: 'IAM policies only' },
  '10.28': { question: 'aws:CalledVia on calls that RDS forwards', choice: 'open; filled by assumption' },
  '10.29': {
    question: 'delegation in the account of a KMS key',
    choice: 'account statement and identity Allow, or direct',
  },
  '10.30': { question: "conditions of a key policy's account statement", choice: 'delegate while they hold' },
} as const;
