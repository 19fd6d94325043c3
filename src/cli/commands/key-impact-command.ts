import { Argument, type Command, InvalidArgumentError } from 'commander';
import { assume } from '../../answer/assume.ts';
import { keyImpactReport } from '../../answer/key-impact.ts';
import { type PlannedForKeys, plannedForKeys } from '../../answer/plan.ts';
import { type KeyAction, keyActions } from '../../audit/impact-table.ts';
import { isArn, type Place, parseArn, placeOf } from '../../base/arn.ts';
import { Failure } from '../../base/failure.ts';
import { whatIsThere } from '../../base/nearest.ts';
import { isAddress } from '../../base/planned-name.ts';
import { list } from '../../base/wording.ts';
import type { Hypothesis } from '../../evidence/hypothesis.ts';
import { aliasOf, findKey, keyIdOf, regionsOf, resolveKey, whereKeyIs } from '../../evidence/lookup.ts';
import { accountNotKnown, canMean, giveOne } from '../../evidence/meanings.ts';
import { keysNamed } from '../../evidence/named.ts';
import { NotHeld } from '../../evidence/not-held.ts';
import { refuseFaults, refusingFaults } from '../../evidence/policy-faults.ts';
import { lookupAccount } from '../../evidence/principal-name.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { actionWords } from '../../explain/key-impact.ts';
import { keyVerdicts } from '../../report/row.ts';
import { commandOf } from '../command.ts';
import { exitCodeOfVerdict, failureCodesHelp } from '../exit-code.ts';
import { type HeldEvidence, heldEvidence, oldestAllowed, timeOfAsking } from '../held-evidence.ts';
import { clearLine, type Io } from '../io.ts';
import { type AssumeOptions, assumeOptions, hypothesesOf, refuseTwoInputs } from '../options/assume-options.ts';
import { RepeatableOption } from '../options/flag-option.ts';
import { liveOptions } from '../options/live-options.ts';
import { type AnswerOptions, answerOptions, evidenceOptions, formatOption } from '../options/options.ts';
import { type PlanOptions, planOption, plansNamed } from '../options/plan-options.ts';
import { placesIn } from '../report-places.ts';
import { show } from '../show.ts';
import { version } from '../version.ts';

/** The options of `key-impact`, as typed values. */
interface KeyImpactOptions extends AssumeOptions, PlanOptions, AnswerOptions {
  readonly action?: readonly KeyAction[];
  readonly region?: string;
}

const examples = `Examples:
  $ aurora-kms-check key-impact alias/orders --demo
  $ aurora-kms-check key-impact alias/orders --evidence evidence.json --action delete
  $ aurora-kms-check key-impact alias/orders --demo --action policy --assume-policy alias/orders=policy.json
  $ aurora-kms-check key-impact alias/orders alias/ledger --evidence evidence.json --output csv

Exit codes:
  0    everything was read, and no RDS dependent was found
       (this does not mean that the key is safe to lose)
  1    something breaks
  2    not everything was read, or the key may be used elsewhere
${failureCodesHelp()}`;

/** `key-impact`: what depends on a key. `done` receives the exit code. */
export function keyImpactCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('key-impact', io)
    .description(
      'Shows what breaks if a key is disabled or deleted, if its imported key material is deleted, or if its policy is replaced: databases, backups, replicas and all other resources of RDS, Aurora, Neptune, DocumentDB and AWS Backup that are under the key. For each resource, says when it breaks and how to undo that. Ends with what was not read.',
    )
    .configureHelp({
      commandUsage: () => 'aurora-kms-check key-impact <key...> [options]',
    })
    .addArgument(new Argument('<key...>', 'id, ARN or alias of a KMS key; with --plan also its address'));
  command.optionsGroup('Request:');
  command.addOption(
    new RepeatableOption('--action <name>', `${list(keyActions, 'or')} (default: all)`).argParser(moreActions),
  );
  command.optionsGroup('Data source (AWS, unless --evidence or --demo):');
  for (const option of evidenceOptions(false)) command.addOption(option);
  command.optionsGroup('What-if:');
  command.addOption(planOption('to answer for what the plan does to the keys'));
  for (const option of assumeOptions()) command.addOption(option);
  command.optionsGroup('Output:');
  command.addOption(formatOption('keyImpact'));
  for (const option of answerOptions({ verbose: 'show every resource and rule', listAll: 'list all names' }))
    command.addOption(option);
  command.addHelpText('after', `\n${examples}`);
  return command.action(async (keys: readonly string[], options: KeyImpactOptions) =>
    done(await answered(keys, options, io)),
  );
}

/** An action by its name, or by the API that the answer shows: `kms:DisableKey`. */
function moreActions(text: string, before: readonly KeyAction[] = []): readonly KeyAction[] {
  const api = text.replace(/^kms:/, '');
  const action = keyActions.find((one) => one === text || actionWords[one].api === api);
  if (action === undefined) throw new InvalidArgumentError(`give ${list(keyActions, 'or')}`);
  return [...before, action];
}

/** Returns the exit code. @throws Failure */
async function answered(names: readonly string[], options: KeyImpactOptions, io: Io): Promise<number> {
  refuseTwoInputs(options.evidence ?? [], options);
  const places = placesIn([...(options.evidence ?? []), ...(options.plan ?? [])], options, io);
  const hypotheses = await hypothesesOf(options);
  const plans = await plansNamed(options, io);
  const held = await evidenceFor(names, options, io);
  const { before, after, arnsAt, withPolicies, forKeys } = plannedForKeys(held.evidence, plans, {
    region: options.region,
    strict: options.strict === true,
  });
  const keys = [...new Set(names.map((name) => arnsAt.get(name) ?? keyGiven({ before, after }, name, options.region)))];
  const applied = plans.length === 0 ? undefined : forKeys(keys);
  const isPlanned = (one: Hypothesis): boolean => isPolicyOf(one, keys, before, options.region);
  const { evidence } = assume(
    before,
    hypotheses.filter((one) => !isPlanned(one)),
  );
  const { evidence: planned, assumed } = assume(withPolicies(keys), hypotheses);
  const asked = {
    keys,
    ...(hypotheses.some(isPlanned) || plans.length > 0 ? { planned } : {}),
    given: keys.filter((key) => hypotheses.some((one) => isPolicyOf(one, [key], before, options.region))),
    ...(applied === undefined ? {} : { applied }),
    actions: actionsAsked(options.action, applied),
    assumed,
    context: {},
    strict: options.strict === true,
    evaluatedAt: timeOfAsking(options, evidence, io),
    ...oldestAllowed(options, evidence),
  };
  const report = refusingFaults(held.files, () => keyImpactReport(evidence, asked, version));
  if (options.evidence === undefined && options.demo === undefined) clearLine(io.stderr);
  await show('keyImpact', report, { ...options, places }, io);
  return exitCodeOfVerdict(keyVerdicts[report.verdict], options.failOn);
}

/** The named actions, or else the actions of the plans, or else all. */
function actionsAsked(
  named: readonly KeyAction[] | undefined,
  applied: PlannedForKeys | undefined,
): readonly KeyAction[] {
  const done = applied?.planned.flatMap(({ does }) => (does === 'nothing' ? [] : [does])) ?? [];
  const does = new Set<string>(done.map((one) => (isChangeOfUse(one) ? 'policy' : one)));
  const planned = keyActions.filter((one) => does.has(one));
  const wanted = named ?? (planned.length === 0 ? keyActions : planned);
  return keyActions.filter((one) => wanted.includes(one));
}

/** Whether a change of the key is checked like a new policy. */
function isChangeOfUse(does: PlannedForKeys['planned'][number]['does']): boolean {
  return does !== 'disable' && does !== 'delete';
}

/**
 * Whether an assumed policy is the new policy of one of the keys, which `--action policy` checks.
 */
function isPolicyOf(
  hypothesis: Hypothesis,
  keys: readonly string[],
  evidence: Evidence,
  region: string | undefined,
): boolean {
  if (hypothesis.assume !== 'policy') return false;
  try {
    return keys.includes(keyNamed(evidence, hypothesis.place, region));
  } catch (error) {
    if (error instanceof NotHeld) return false;
    throw error;
  }
}

/** @throws Failure that names the flags of this command, or says that a plan makes the key or the name */
function keyGiven(
  { before, after }: { readonly before: Evidence; readonly after: Evidence },
  name: string,
  region: string | undefined,
): string {
  try {
    return keyNamed(before, name, region);
  } catch (error) {
    if (!(error instanceof NotHeld)) throw error;
    const made = heldAfter(after, name, region);
    if (made !== undefined) throw madeByPlan(name, made, findKey(before, made) !== undefined);
    if (isArn(name) && parseArn(name)?.service !== 'kms') throw error;
    const next =
      isAddress(name) && before === after
        ? 'give a key ID, ARN or alias. An address needs --plan'
        : nextFor(before, name, region);
    throw new NotHeld(error.thing, error.message, next, error);
  }
}

/** What to do about a name that no key has. */
function nextFor(evidence: Evidence, name: string, region: string | undefined): string {
  const account = lookupAccount(evidence);
  const regions = account === undefined ? [] : region === undefined ? regionsOf(evidence, account) : [region];
  const where = regions
    .map((one) => (account === undefined ? undefined : whereKeyIs(evidence, { account, region: one }, name)))
    .find((found) => found !== undefined);
  return `check the name and --region${where ?? '. `collect` reads keys that RDS does not use only with --all-keys'}`;
}

/** The ARN of the key that has a name after the apply. */
function heldAfter(after: Evidence, name: string, region: string | undefined): string | undefined {
  try {
    const arn = keyNamed(after, name, region);
    return findKey(after, arn) === undefined ? undefined : arn;
  } catch (error) {
    if (error instanceof NotHeld) return undefined;
    throw error;
  }
}

/** `isHeld`: the key exists, and only the name is new. */
function madeByPlan(name: string, key: string, isHeld: boolean): Failure {
  return isHeld
    ? new Failure('input', `\`${name}\` names key ${key} only after the apply`, 'give the ARN of the key')
    : new Failure(
        'input',
        `the plan creates KMS key \`${name}\`, so nothing is under the key yet`,
        'give a key that exists. `who-can --plan` and `preflight --plan` say who can use the new key after the apply',
      );
}

/**
 * The ARN of a key. Without a Region, the key is searched in all Regions of the account in the
 * evidence.
 * @throws Failure if the evidence shows that there is no such key, or has several with the name
 */
function keyNamed(evidence: Evidence, name: string, region: string | undefined): string {
  const own = isArn(name) ? placeOf(name) : undefined;
  const account = own?.account ?? lookupAccount(evidence);
  if (own !== undefined) return resolveKey(evidence, own, name);
  if (account === undefined)
    throw accountNotKnown(evidence, name, {
      arns: keysNamed(evidence, name).map(({ KeyMetadata: { Arn: arn } }) => arn),
    });
  const regions = region === undefined ? regionsOf(evidence, account) : [region];
  const [first, ...others] = regions;
  if (first === undefined)
    throw new Failure('input', `no Region of account ${account} was read`, 'give the ARN of the key, or run collect');
  if (others.length === 0) return resolveKey(evidence, { account, region: first }, name);
  const found = regions.flatMap((one) => heldAt(evidence, { account, region: one }, name));
  const [key, another] = found;
  if (key === undefined) return unread(evidence, { account, region: first }, name);
  if (another === undefined) return key;
  throw new Failure('input', canMean(name, found), `choose a Region with --region, or ${giveOne({ arns: found })}`);
}

/**
 * The ARN of a key that no Region in the evidence has.
 * @throws Failure with the keys of all Regions if the evidence shows that there is no such key
 */
function unread(evidence: Evidence, place: Place, name: string): string {
  try {
    return resolveKey(evidence, place, name);
  } catch (error) {
    if (!(error instanceof NotHeld) || error.thing.is !== 'key') throw error;
    const regions = evidence.accounts[place.account]?.regions ?? {};
    const keys = Object.values(regions).flatMap(({ kms }) => kms?.keys ?? []);
    const there = whatIsThere(
      name,
      keys.map((key) => aliasOf(key) ?? keyIdOf(key)),
    );
    const where = list(regionsOf(evidence, place.account));
    const message = `no KMS key \`${name}\` in Regions ${where} of account ${place.account}; ${there}`;
    throw new NotHeld(error.thing, message, 'check the name and --region', error);
  }
}

function heldAt(evidence: Evidence, place: Place, name: string): readonly string[] {
  const keys = evidence.accounts[place.account]?.regions?.[place.region]?.kms?.keys ?? [];
  try {
    const arn = resolveKey(evidence, place, name);
    return keys.some(({ KeyMetadata: { Arn: one } }) => one === arn) ? [arn] : [];
  } catch (error) {
    if (error instanceof NotHeld) return [];
    throw error;
  }
}

/** The evidence that the options name: embedded, from files, or read from AWS. @throws Failure */
async function evidenceFor(names: readonly string[], options: KeyImpactOptions, io: Io): Promise<HeldEvidence> {
  const { region } = options;
  const held = await heldEvidence(options);
  if (held !== undefined) return held;
  const { collectAccounts } = await import('../../collect/accounts.ts');
  const { settingsFrom } = await import('../../collect/settings.ts');
  const live = liveOptions(options, io);
  const settings = await settingsFrom(live);
  settings.requestHandler.destroy();
  const named = names.flatMap((name) => placeOf(name)?.region ?? []);
  const isBare = names.some((name) => placeOf(name) === undefined);
  const regions = [
    ...new Set([
      ...named,
      ...(region === undefined ? [] : [region]),
      ...(isBare && region === undefined && settings.region !== undefined ? [settings.region] : []),
    ]),
  ];
  const wanted = { regions, allRegions: false, allKeys: false, keyNames: names, roleArns: [] };
  const [own] = await collectAccounts(wanted, live);
  if (own === undefined) throw new Failure('aws', 'nothing could be read', 'check the credentials');
  refuseFaults('what AWS returned', own.evidence);
  return { evidence: own.evidence, files: [] };
}
