import type { AuditAsked } from '../src/answer/audit.ts';

/** An audit of everything, with the defaults of the program. */
export const auditOfAll: AuditAsked = {
  context: {},
  strict: false,
  evaluatedAt: '2026-11-26T12:00:00Z',
  allowAccounts: [],
  allowOrgs: [],
  severity: 'high',
  codes: [],
  people: [],
};
