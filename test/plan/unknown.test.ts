// @module-tag slow
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { preflight } from '../../src/answer/preflight.ts';
import { isJson, isList } from '../../src/base/json.ts';
import { parseEvidence } from '../../src/evidence/load.ts';
import { readPlan } from '../../src/plan/plan-file.ts';
import { plannedState } from '../../src/plan/planned-state.ts';
import { judgeRequests } from '../../src/preflight/planned.ts';
import { newReading } from '../../src/preflight/reading.ts';
import { unlessUnplacedIn } from '../../src/preflight/unplaced.ts';

/* An unknown value in a plan never improves an answer, and the values of a plan are not shown. */

const textAt = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const evidence = parseEvidence('evidence.json', textAt('../../docs/examples/preflight/evidence.json'));
const plans = ['create', 'order', 'ordered', 'reads', 'table-2.1-create', 'table-2.1-change', 'table-2.2', 'destroy'];

const settings = { evaluatedAt: '2026-11-26T12:00:00Z', strict: false, sessionPolicies: new Map() } as const;

function plansOf(plan: unknown) {
  return [{ from: 'plan.json', plan: readPlan('plan.json', JSON.stringify(plan)) }];
}

function reportOf(plan: unknown, applier = 'user/administrator') {
  const question = { ...settings, expectations: [], files: [], whole: true, plans: plansOf(plan), applier };
  return preflight(evidence, question, '0.0.0');
}

/** The requests of a plan that hold according to the report, which also finds effects and fixes. */
function reportedAsHolding(plan: unknown, applier: string): readonly string[] {
  return reportOf(plan, applier).expectations.flatMap(({ id, outcome }) => (outcome === 'holds' ? [id] : []));
}

/** The same requests, computed without a report. */
function holdingIn(plan: unknown, applier: string): readonly string[] {
  const planned = plannedState(evidence, plansOf(plan), { region: undefined, principal: applier });
  return judgeRequests(planned.requests, settings, newReading())
    .map((one) => unlessUnplacedIn(one, planned))
    .flatMap(({ expectation, outcome }) => (outcome === 'holds' ? [expectation.id] : []));
}

const planText = (name: string): string => textAt(`../cases/plan/plans/${name}.json`);

/** A small random generator with a seed, so that each run hides the same values. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** The plan with one attribute of one change known only after the apply, through a local. */
function masked(name: string, random: () => number): unknown {
  const plan: unknown = JSON.parse(planText(name));
  if (!isJson(plan) || !isList(plan['resource_changes'])) throw new Error(`${name} is no plan`);
  const changes = plan['resource_changes'].filter(isJson).filter(({ mode }) => mode !== 'data');
  const change = changes[Math.floor(random() * changes.length)];
  const [inner, address] = [change?.['change'], change?.['address']];
  if (!isJson(inner) || !isJson(inner['after'])) return plan;
  const { after, after_unknown: unknown } = inner;
  const names = Object.keys(after).filter((one) => after[one] !== null);
  const attribute = names[Math.floor(random() * names.length)] ?? '';
  const { [attribute]: value, ...rest } = after;
  const part = random() < 0.5 ? undefined : partlyMasked(value, random);
  const left = part === undefined ? rest : { ...rest, [attribute]: part.after };
  const masks = { ...(isJson(unknown) ? unknown : {}), [attribute]: part?.unknown ?? true };
  const planned = { ...inner, after: left, after_unknown: masks };
  return {
    ...plan,
    resource_changes: plan['resource_changes'].map((one) => (one === change ? { ...change, change: planned } : one)),
    configuration: withLocal(plan['configuration'], typeof address === 'string' ? address : '', attribute),
  };
}

/**
 * A list or a map with one item that is known only after the apply. Undefined: the value is
 * neither, or is empty.
 */
function partlyMasked(value: unknown, random: () => number) {
  const items = isList(value) ? [...value.keys()] : isJson(value) ? Object.keys(value) : [];
  const at = items[Math.floor(random() * items.length)];
  if (at === undefined) return undefined;
  if (isList(value))
    return {
      after: value.map((one, index) => (index === at ? null : one)),
      unknown: value.map((_, index) => index === at),
    };
  const others = Object.entries(isJson(value) ? value : {}).filter(([name]) => name !== at);
  return { after: Object.fromEntries(others), unknown: { [at]: true } };
}

function withLocal(configuration: unknown, address: string, attribute: string): unknown {
  if (isList(configuration)) return configuration.map((one) => withLocal(one, address, attribute));
  if (!isJson(configuration)) return configuration;
  const own = configuration['address'];
  const isOwn = typeof own === 'string' && address.endsWith(own) && isJson(configuration['expressions']);
  return Object.fromEntries(
    Object.entries(configuration).map(([name, value]) => [
      name,
      isOwn && name === 'expressions' && isJson(value)
        ? { ...value, [attribute]: { references: ['local.masked'] } }
        : withLocal(value, address, attribute),
    ]),
  );
}

describe.each(['user/administrator', 'role/dr-restore'])('an unknown never turns into holds for %s', (principal) => {
  test.each(plans)('%s', (name) => {
    const report = reportOf(JSON.parse(planText(name)), principal);
    const unlessHolds = report.expectations.flatMap(({ id, outcome }) => (outcome === 'holds' ? [] : [id]));
    const random = seeded(7);
    for (let round = 0; round < 8; round += 1) {
      const plan = masked(name, random);
      const holding = holdingIn(plan, principal);
      expect(holding.filter((id) => unlessHolds.includes(id))).toEqual([]);
      if (round === 0) expect(reportedAsHolding(plan, principal).toSorted()).toEqual(holding.toSorted());
    }
  });
});

describe('OpenTofu and older versions are read alike', () => {
  test.each(plans)('%s', (name) => {
    const plan: unknown = JSON.parse(planText(name));
    if (!isJson(plan)) throw new Error(`${name} is no plan`);
    // OpenTofu has neither field, and uses another host for providers.
    const { applyable: _, complete: __, ...others } = plan;
    const hosts = [
      ['registry.terraform.io/hashicorp/aws', 'registry.opentofu.org/hashicorp/aws'],
      ['"provider_name":"registry.terraform.io/hashicorp/aws"', '"provider_name":"aws"'],
    ] as const;
    const expected = reportOf(plan);
    for (const [from, to] of hosts) {
      const text = JSON.stringify(others).replaceAll(from, to);
      expect(text).toContain(to);
      expect(reportOf(JSON.parse(text))).toEqual(expected);
    }
  });
});

describe('no value of a plan is shown that may be a secret', () => {
  const secrets = ['master_password', 'password', 'description', 'user_data', 'secret_string'];

  test.each(plans)('%s', (name) => {
    const text = JSON.stringify(JSON.parse(planText(name))).replaceAll(
      /"(?:after|before)":\{(?!\})/g,
      (start) => `${start}${secrets.map((one) => `"${one}":"hunter2"`).join(',')},`,
    );
    const plan: unknown = JSON.parse(text);
    if (!isJson(plan)) throw new Error(`${name} is no plan`);
    const whole = {
      ...plan,
      variables: { password: { value: 'hunter2' } },
      output_changes: { x: { after: 'hunter2' } },
    };
    expect(JSON.stringify(whole)).toContain('hunter2');
    expect(JSON.stringify(reportOf(whole))).not.toContain('hunter2');
  });
});
