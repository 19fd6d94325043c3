import { describe, expect, test } from 'vitest';
import { check } from '../../src/answer/check.ts';
import { withSimulation } from '../../src/answer/simulation.ts';
import { compareSimulation, simulable } from '../../src/check/simulation.ts';
import type { ReportedSimulation } from '../../src/contract/report.ts';
import { demoEvidence, demoPrincipal } from '../../src/evidence/demo.ts';
import type { SimulationAnswer } from '../../src/evidence/simulation.ts';
import { questionOf } from '../check-case.ts';

/*
 * The text when IAM's policy simulator and the check disagree; test/emulator sends the requests to
 * a simulator.
 */

const account = '111122223333';

interface Asked {
  readonly principal: string;
  readonly snapshot: string;
  /** The simulator answers this call, and no other call. */
  readonly action: string;
}

const denied: Asked = { principal: demoPrincipal, snapshot: 'orders-before-upgrade', action: 'kms:CreateGrant' };
const allowed: Asked = {
  principal: `arn:aws:iam::${account}:role/dr-restore`,
  snapshot: 'ledger-monthly',
  action: 'kms:CreateGrant',
};
const allowedByIam: Asked = { ...allowed, action: 'rds:RestoreDBClusterFromSnapshot' };

function simulated({ principal, snapshot, action }: Asked, answer: SimulationAnswer) {
  const question = questionOf({ operation: 'restore', principal, snapshot, region: 'us-east-1' });
  const asked = simulable(demoEvidence, [question], account);
  const meant = asked.find(({ call }) => call.row.action === action);
  const answers = asked.map((one) => (one === meant ? answer : undefined));
  const report = withSimulation(check(demoEvidence, question, 'test'), asked, answers, []);
  const [simulation, ...others] = report.results.flatMap(({ calls }) => calls.flatMap((call) => call.simulation ?? []));
  expect(others).toEqual([]);
  return { simulation, warnings: report.warnings.map(({ text }) => text) };
}

const cases: readonly (readonly [
  name: string,
  asked: Asked,
  answer: SimulationAnswer,
  expected: Pick<ReportedSimulation, 'agreement' | 'why'>,
  warns: boolean,
])[] = [
  ['both deny', denied, { decision: 'implicitDeny', missing: [] }, { agreement: 'agrees' }, false],
  [
    'the key policy denies',
    denied,
    { decision: 'allowed', missing: [] },
    {
      agreement: 'differs',
      why: { code: 'simulator-sees-no-such-policies', text: 'the simulator does not see the key policy' },
    },
    false,
  ],
  [
    'the key policy allows',
    allowed,
    { decision: 'implicitDeny', missing: [] },
    {
      agreement: 'differs',
      why: { code: 'simulator-sees-no-key-policy', text: 'the simulator does not see the key policy and the grants' },
    },
    false,
  ],
  [
    'a control policy denies',
    allowed,
    { decision: 'explicitDeny', missing: [], allowedByOrganization: false, allowedByBoundary: false },
    {
      agreement: 'differs',
      why: {
        code: 'simulator-names-control-policy',
        text: 'the simulator says that a service control policy blocks the call',
      },
    },
    true,
  ],
  [
    'the boundary does not allow',
    allowed,
    { decision: 'implicitDeny', missing: ['aws:SourceIp'], allowedByOrganization: true, allowedByBoundary: false },
    {
      agreement: 'differs',
      why: {
        code: 'simulator-names-boundary',
        text: 'the simulator says that the permissions boundary does not allow the call',
      },
    },
    false,
  ],
  [
    'condition keys are missing',
    allowedByIam,
    { decision: 'implicitDeny', missing: ['aws:SourceIp', 'aws:SourceVpc'] },
    {
      agreement: 'differs',
      why: { code: 'simulator-was-not-told', text: 'the simulator was not given aws:SourceIp and aws:SourceVpc' },
    },
    false,
  ],
  [
    'nothing explains it',
    allowedByIam,
    { decision: 'implicitDeny', missing: [] },
    {
      agreement: 'differs',
      why: {
        code: 'simulator-differs-without-reason',
        text: 'no known limit of the simulator explains the difference',
      },
    },
    true,
  ],
];

describe('an answer of the policy simulator', () => {
  test.each(cases)('where %s', (...[, asked, answer, expected, warns]) => {
    const { simulation, warnings } = simulated(asked, answer);
    expect(simulation).toEqual({ decision: answer.decision, missingContext: answer.missing, ...expected });
    expect(warnings).toEqual(
      warns
        ? [
            expect.stringMatching(
              /^the policy simulator answers \w+ for \S+ on \S+; this check answers allowed. Reason: /,
            ),
          ]
        : [],
    );
  });

  test('settles nothing where the call depends', () => {
    const question = questionOf({ operation: 'restore', ...allowed, region: 'us-east-1' });
    const unread = { ...demoEvidence, accounts: { [account]: { ...demoEvidence.accounts[account], iam: undefined } } };
    const [first] = simulable(unread, [question], account);
    if (first === undefined) throw new Error('nothing is asked');
    expect(compareSimulation(first.call, { decision: 'allowed', missing: [] })).toMatchObject({
      agreement: 'open',
      reason: { code: 'simulator-assumes-absence' },
    });
  });
});
