import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readingPolicy } from '../../src/collect/permissions.ts';
import type { SimulatedDecision } from '../../src/evidence/simulation.ts';
import { drRestore, keys, operator, type Ran, run } from './command.ts';
import { account, fillFoundingCase, region } from './founding-case.ts';
import { type Emulator, startMoto } from './moto.ts';
import { type Fault, startProxy } from './proxy.ts';

let moto: Emulator;
beforeAll(async () => {
  moto = await startMoto();
  await fillFoundingCase(moto.endpoint);
});
afterAll(() => moto.stop());

interface Said {
  readonly decision: SimulatedDecision;
  readonly missing?: readonly string[];
  readonly organization?: boolean;
}

/** The simulator's answer for an action on a resource. */
type Simulator = (action: string, resource: string) => Said;

/**
 * The emulator has no policy simulator. This one answers in the documented format: the result of an
 * action contains a result for each resource.
 */
function simulated(asked: string, simulator: Simulator): Fault {
  const form = new URLSearchParams(asked);
  const action = form.get('ActionNames.member.1') ?? '';
  const resources = [...form].flatMap(([name, value]) => (name.startsWith('ResourceArns.member.') ? [value] : []));
  const members = (list: readonly string[]): string => list.map((one) => `<member>${one}</member>`).join('');
  const results = resources.map((resource) => ({ resource, ...simulator(action, resource) }));
  const specific = results.map(
    ({ resource, decision, missing = [] }) =>
      `<EvalResourceName>${resource}</EvalResourceName><EvalResourceDecision>${decision}</EvalResourceDecision><MissingContextValues>${members(missing)}</MissingContextValues>`,
  );
  const organization = results.some((one) => one.organization === false)
    ? '<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>'
    : '';
  const decision = results.find((one) => one.decision !== 'allowed')?.decision ?? 'allowed';
  const result = `<EvalActionName>${action}</EvalActionName><EvalResourceName>arn:$\{Partition}:x</EvalResourceName><EvalDecision>${decision}</EvalDecision>${organization}<ResourceSpecificResults>${members(specific)}</ResourceSpecificResults>`;
  const body = `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>${members([result])}</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`;
  return { code: '', status: 200, body };
}

interface Simulation extends Ran {
  /** The bodies of the requests to the simulator. */
  readonly forms: readonly URLSearchParams[];
  readonly asked: readonly string[];
}

/** Runs the built program with --simulate. `simulator` may be a fault, which then is the answer. */
async function restore(args: readonly string[], simulator: Simulator | Fault): Promise<Simulation> {
  const forms: URLSearchParams[] = [];
  const proxy = await startProxy(moto.endpoint, (operation, asked) => {
    if (operation !== 'iam:SimulatePrincipalPolicy') return undefined;
    forms.push(new URLSearchParams(asked));
    return typeof simulator === 'function' ? simulated(asked, simulator) : simulator;
  });
  try {
    const live = ['--endpoint-url', proxy.endpoint, '--region', region];
    const ran = await run(['restore', '--simulate', ...args, ...live], { ...keys, AWS_MAX_ATTEMPTS: '1' });
    return { ...ran, forms, asked: proxy.asked };
  } finally {
    await proxy.stop();
  }
}

const allowing: Simulator = () => ({ decision: 'allowed' });
const ledger = ['--principal', drRestore, '--snapshot', 'ledger-monthly'];

/** Each call of the only result, with the answer of the simulator. */
function simulationsOf({ stdout }: Ran) {
  const { results }: { results: { calls: { kind: string; action: string; simulation?: unknown }[] }[] } =
    JSON.parse(stdout);
  return (results[0]?.calls ?? []).map(({ kind, action, simulation }) => ({ kind, action, simulation }));
}

describe('--simulate', () => {
  test("shows where the simulator agrees, and sends only the principal's own calls", async () => {
    const { code, stdout, stderr } = await restore([...ledger, '--verbose'], allowing);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/policy simulator: allowed \(same answer\)/g)).toHaveLength(3);
    expect(stdout).toContain('The policy simulator sees identity policies, boundaries and SCPs;');
    const calls = simulationsOf(await restore([...ledger, '--output', 'json'], allowing));
    for (const { kind, simulation } of calls) {
      const asked = kind === 'caller' || kind === 'forwarded';
      expect(simulation).toEqual(asked ? { decision: 'allowed', agreement: 'agrees', missingContext: [] } : undefined);
    }
    expect(calls.map(({ kind }) => kind)).toContain('service');
  });

  test('sends the context of the calls by type, and all resources of an action at once', async () => {
    const session = `arn:aws:sts::${account}:assumed-role/dr-restore/alice`;
    const { forms, asked } = await restore(
      ['--principal', session, '--snapshot', 'ledger-monthly', '--context', 'aws:SourceIp=203.0.113.7'],
      allowing,
    );
    const asks = forms.map((form) => `${form.get('PolicySourceArn')} ${form.get('ActionNames.member.1')}`);
    expect(asks.toSorted()).toEqual([
      `${drRestore} kms:CreateGrant`,
      `${drRestore} kms:DescribeKey`,
      `${drRestore} rds:RestoreDBClusterFromSnapshot`,
    ]);
    const answersTo = (action: string): ReadonlyMap<string, string> => {
      const form = forms.find((one) => one.get('ActionNames.member.1') === action) ?? new URLSearchParams();
      const entries = [...form].flatMap(([name, key]): readonly (readonly [string, string])[] => {
        const entry = /^(ContextEntries\.member\.\d+)\.ContextKeyName$/.exec(name)?.[1];
        if (entry === undefined) return [];
        const [type, value] = ['ContextKeyType', 'ContextKeyValues.member.1'].map((part) =>
          form.get(`${entry}.${part}`),
        );
        return [[key, `${type} ${value}`]];
      });
      return new Map(entries);
    };
    expect(Object.fromEntries(answersTo('kms:CreateGrant'))).toMatchObject({
      'kms:ViaService': `string rds.${region}.amazonaws.com`,
      'kms:GrantIsForAWSResource': 'boolean true',
      'aws:ViaAWSService': 'boolean true',
    });
    expect(Object.fromEntries(answersTo('rds:RestoreDBClusterFromSnapshot'))).toMatchObject({
      'aws:SourceIp': 'ip 203.0.113.7',
      'aws:ViaAWSService': 'boolean false',
    });
    const rights = readingPolicy('simulate', []).Statement.flatMap(({ Action }) => Action);
    expect(asked.filter((one) => one !== 'sts:GetCallerIdentity' && !rights.includes(one))).toEqual([]);
    expect(asked).toContain('iam:SimulatePrincipalPolicy');
  });

  test('explains that the simulator does not see a key policy', async () => {
    const args = ['--principal', operator, '--snapshot', 'orders-before-upgrade', '--verbose'];
    const { code, stdout } = await restore(args, allowing);
    expect(code).toBe(1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'policy simulator: allowed (different answer). The simulator does not see the key policy',
    );
  });

  test('adds a note for a difference that matters, and keeps the verdict', async () => {
    const { code, stdout } = await restore([...ledger, '--output', 'json'], (action) =>
      action === 'kms:CreateGrant' ? { decision: 'explicitDeny', organization: false } : { decision: 'allowed' },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'succeeds' });
    expect(stdout).toContain('the policy simulator answers explicitDeny for kms:CreateGrant on key/');
    expect(stdout).toContain('a service control policy blocks the call');
  });

  test.each<[string, Said, string]>([
    [
      'was not given',
      { decision: 'implicitDeny', missing: ['aws:SourceIp'] },
      'the simulator was not given aws:SourceIp',
    ],
    [
      'has no known reason for',
      { decision: 'implicitDeny' },
      'no known limit of the simulator explains the difference',
    ],
  ])('says what the simulator %s', async (_, said, why) => {
    const ran = await restore([...ledger, '--output', 'json'], (action) =>
      action.startsWith('rds:') ? said : { decision: 'allowed' },
    );
    const [first] = simulationsOf(ran);
    expect(first?.simulation).toEqual({
      decision: 'implicitDeny',
      agreement: 'differs',
      missingContext: said.missing ?? [],
      why: expect.objectContaining({ text: why }),
    });
  });

  test.each<[string, Fault]>([
    ['refused', { code: 'AccessDenied', status: 403, message: 'not authorized' }],
    ['not accepted', { code: 'InvalidInput', status: 400, message: 'Invalid Input Actions' }],
  ])('is a gap where it is %s', async (_, fault) => {
    const { code, stdout } = await restore([...ledger, '--output', 'json'], fault);
    expect(code).toBe(0);
    const report: { verdict: string; warnings: { text: string }[]; gaps: unknown[] } = JSON.parse(stdout);
    const { verdict, warnings, gaps } = report;
    expect(verdict).toBe('succeeds');
    expect(warnings).toEqual([
      { code: 'simulator-did-not-answer', text: expect.stringContaining('the policy simulator did not answer') },
    ]);
    expect(gaps).toContainEqual(
      expect.objectContaining({ what: 'iam:SimulatePrincipalPolicy', account, resource: drRestore }),
    );
  });

  test('says that the simulator does not accept the root user', async () => {
    const { stdout, forms } = await restore(['--principal', 'root', '--snapshot', 'ledger-monthly'], allowing);
    expect(forms).toEqual([]);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'The policy simulator was not asked. The simulator takes only ARNs of users and roles',
    );
  });

  test('needs AWS', async () => {
    const { code, stderr } = await run(['restore', '--simulate', '--demo']);
    expect(code).toBe(252);
    expect(stderr).toContain("'--simulate'");
  });
});
