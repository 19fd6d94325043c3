import type { EvaluationResult, ResourceSpecificResult } from '@aws-sdk/client-iam';
import { readPrincipalArn } from '../evidence/principals.ts';
import type { Gap } from '../evidence/schema.ts';
import type { SimulationAnswer, SimulationRequest } from '../evidence/simulation.ts';
import { allPages, makeReader } from './reader.ts';
import { IAMClient, paginateSimulatePrincipalPolicy } from './sdk.ts';
import { type LiveOptions, settingsFrom } from './settings.ts';

export interface Simulated {
  /** In the order of the requests. Undefined: there is a gap. */
  readonly answers: readonly (SimulationAnswer | undefined)[];
  readonly gaps: readonly Gap[];
}

/**
 * Asks IAM's policy simulator. Requests that differ only in the resource are sent together. A
 * failed call is a gap, because the verdict does not depend on it.
 * @throws Failure if the credentials fail or AWS cannot be reached
 */
export async function simulate(requests: readonly SimulationRequest[], options: LiveOptions): Promise<Simulated> {
  const settings = await settingsFrom(options);
  const reader = makeReader({ endpoint: options.endpointUrl, tolerant: true });
  const client = new IAMClient(settings);
  const groups = new Map<string, SimulationRequest[]>();
  for (const request of requests) {
    const group = groups.get(alike(request));
    if (group === undefined) groups.set(alike(request), [request]);
    else group.push(request);
  }
  options.progress?.("asking IAM's policy simulator ...");
  try {
    const answered = await Promise.all(
      [...groups].map(async ([name, group]) => [name, await ask(client, reader, group)] as const),
    );
    const results = new Map(answered);
    const answers = requests.map((request) => answerTo(request, results.get(alike(request))));
    return { answers, gaps: reader.gaps() };
  } finally {
    settings.requestHandler.destroy();
  }
}

function alike({ source, action, context }: SimulationRequest): string {
  return JSON.stringify([source, action, context]);
}

async function ask(
  client: IAMClient,
  reader: ReturnType<typeof makeReader>,
  group: readonly SimulationRequest[],
): Promise<readonly EvaluationResult[] | undefined> {
  const [first] = group;
  if (first === undefined) return undefined;
  const { source, action, context } = first;
  const input = {
    PolicySourceArn: source,
    ActionNames: [action],
    ResourceArns: [...new Set(group.map(({ resource }) => resource))],
    ContextEntries: context.map(({ name, values, type }) => ({
      ContextKeyName: name,
      ContextKeyValues: [...values],
      ContextKeyType: type,
    })),
  };
  const { account } = readPrincipalArn(source);
  return reader.readIfThere({ what: 'iam:SimulatePrincipalPolicy', account, resource: source }, () =>
    allPages(
      () => paginateSimulatePrincipalPolicy({ client }, { ...input }),
      (page) => page.EvaluationResults,
    ),
  );
}

/**
 * The simulator's answer about one resource. IAM lists it under the answer for the action. If the
 * request had only one resource, IAM may return it as the answer for the action.
 */
function answerTo(
  { action, resource }: SimulationRequest,
  results: readonly EvaluationResult[] | undefined,
): SimulationAnswer | undefined {
  const ofAction = (results ?? []).filter(({ EvalActionName: name }) => name?.toLowerCase() === action.toLowerCase());
  for (const result of ofAction) {
    const specific = result.ResourceSpecificResults?.find(({ EvalResourceName: name }) => name === resource);
    if (specific !== undefined) return answer(specific.EvalResourceDecision, specific, result);
  }
  const direct = ofAction.find(({ EvalResourceName: name }) => name === resource);
  return direct === undefined ? undefined : answer(direct.EvalDecision, direct, direct);
}

function answer(
  decision: EvaluationResult['EvalDecision'],
  specific: ResourceSpecificResult | EvaluationResult,
  result: EvaluationResult,
): SimulationAnswer | undefined {
  if (decision === undefined) return undefined;
  const organization = result.OrganizationsDecisionDetail?.AllowedByOrganizations;
  const boundary = (specific.PermissionsBoundaryDecisionDetail ?? result.PermissionsBoundaryDecisionDetail)
    ?.AllowedByPermissionsBoundary;
  return {
    decision,
    missing: [...(specific.MissingContextValues ?? [])].toSorted(),
    ...(organization === undefined ? {} : { allowedByOrganization: organization }),
    ...(boundary === undefined ? {} : { allowedByBoundary: boundary }),
  };
}
