import { Argument, type Command, Option } from 'commander';
import { type PreflightQuestion, preflight } from '../../answer/preflight.ts';
import { Failure } from '../../base/failure.ts';
import { sameJson } from '../../base/json.ts';
import { nearestFirst } from '../../base/nearest.ts';
import { shellQuoted } from '../../base/shell.ts';
import { counted, list } from '../../base/wording.ts';
import type { PreflightReport } from '../../contract/preflight-report.ts';
import { faultyPolicy, refuseFaults, refusingFaults } from '../../evidence/policy-faults.ts';
import type { NamedPlan } from '../../plan/planned-state.ts';
import { saveFaults } from '../../policy/save-faults.ts';
import { type BaselineEntry, baselineInUse, baselineKey } from '../../preflight/baseline.ts';
import type { Expectation } from '../../preflight/expectation.ts';
import type { SessionPolicies } from '../../preflight/resolve.ts';
import { commandOf } from '../command.ts';
import { exitCodeOfVerdict, failureCodesHelp } from '../exit-code.ts';
import { type HeldEvidence, heldEvidence, oldestAllowed } from '../held-evidence.ts';
import { clearLine, type Io } from '../io.ts';
import {
  type BaselineOptions,
  baselineOptions,
  namedBaseline,
  newBaseline,
  writtenBaseline,
} from '../options/baseline-options.ts';
import { liveOptions } from '../options/live-options.ts';
import { type AnswerOptions, answerOptions, evidenceOptions, formatOption } from '../options/options.ts';
import { type PlanOptions, planOption, plansNamed } from '../options/plan-options.ts';
import { placesIn, withEvidence } from '../report-places.ts';
import { show } from '../show.ts';
import { version } from '../version.ts';
import type { AskedOfAws } from './preflight-live.ts';

/** The options of `preflight`, as typed values. */
interface PreflightOptions extends AnswerOptions, BaselineOptions, PlanOptions {
  readonly region?: string;
  readonly principal?: string;
}

const examples = `Examples:
  $ aurora-kms-check preflight --evidence evidence.json
  $ aurora-kms-check preflight expectations.yaml --evidence evidence.json --output json
  $ aurora-kms-check preflight explain nightly-backup --evidence evidence.json
  $ aurora-kms-check preflight --plan plan.json --principal role/terraform --evidence evidence.json

Expectations file:
  version: 1
  expectations:
    - id: nightly-backup
      who: role/nightly-backup
      can: create-snapshot
      cluster: orders
      why: DR runbook 4.2
    - id: apps-never-share
      who: role/app-*
      cannot: share-snapshot
      backups-of: "*"
      why: data perimeter

Exit codes:
  0    every expectation and every request of a plan holds
  1    at least one expectation or request is broken
  2    none is broken, at least one is unproven
${failureCodesHelp()}`;

/** `preflight`: whether the expectations of a file hold. `done` receives the exit code. */
export function preflightCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('preflight', io)
    .description(
      'Checks the expectations in a file: which principals can run which operations, and which principals cannot. Without a file argument, reads aurora-kms-check.yaml (.yml, .json) in the current folder. With --plan, checks whether a Terraform or OpenTofu plan applies; no file is then needed.',
    )
    .configureHelp({
      commandUsage: () =>
        'aurora-kms-check preflight [file...] [options]\n       aurora-kms-check preflight explain <id> [file...] [options]\n       aurora-kms-check preflight init [options]',
    })
    .addArgument(new Argument('[file...]', 'expectations files; - is standard input'));
  addOptions(command);
  command.optionsGroup('Baseline:');
  for (const option of baselineOptions('everything that does not hold now')) command.addOption(option);
  command.addHelpText('after', `\n${examples}`);
  command.addCommand(initCommand(io, done));
  command.addCommand(explainCommand(io, done));
  return command.action(async (files: readonly string[], options: PreflightOptions) => {
    const started = performance.now();
    const questions = await asked(files, options);
    const named = placesIn([...questions.paths, ...(options.plan ?? [])], options, io);
    const places = await withEvidence(named, options.evidence ?? [], options);
    const report = await reportOn(questions, { ...options, whole: false }, io);
    await show('preflight', { report, seconds: (performance.now() - started) / 1000 }, { ...options, places }, io);
    done(exitCodeOfVerdict(report.verdict, options.failOn));
  });
}

function initCommand(io: Io, done: (exitCode: number) => void): Command {
  return commandOf('init', io)
    .summary('write aurora-kms-check.yaml from what is allowed now')
    .description('Writes aurora-kms-check.yaml with at most 50 expectations that hold now. Never overwrites a file.')
    .configureHelp({ commandUsage: () => 'aurora-kms-check preflight init [options]' })
    .addHelpText(
      'after',
      `\nOptions of \`preflight\` that also work here: ${optionsOfInit.map((name) => `--${name}`).join(', ')}. See \`aurora-kms-check preflight --help\`.`,
    )
    .action(async (_: unknown, self: Command) => {
      refuseOptionsOfCheck(self);
      const options = self.optsWithGlobals<PreflightOptions>();
      const { isThere } = await import('../../evidence/readers/files.ts');
      const there = usualFiles.find(isThere);
      if (there !== undefined)
        throw new Failure('input', `${there} already exists`, 'edit the file, or remove it first');
      const { evidence } = await evidenceFor(options, { expectations: [], plans: [] }, io);
      const { suggestedFile } = await import('../../preflight/suggest.ts');
      const { directoryOf } = await import('../../evidence/directory.ts');
      const text = suggestedFile(directoryOf(evidence), {
        evaluatedAt: io.now().toISOString(),
        strict: options.strict === true,
        ...(options.region === undefined ? {} : { region: options.region }),
      });
      if (text === undefined)
        throw new Failure(
          'input',
          'there is nothing to write: no expectation about a cluster or DB instance holds now',
          'read the databases and principals of the account, or write the file by hand',
        );
      const { saveNewText } = await import('../../evidence/save.ts');
      saveNewText(usualFile, text);
      io.stdout.write(
        `Wrote ${usualFile}. Replace each TODO with the reason for the expectation, then run \`aurora-kms-check preflight${sourceFlags(options)}\`.\n`,
      );
      done(0);
    });
}

/** Options of `preflight` that `init` takes: they name the data, or say how the program runs. */
const optionsOfInit: readonly string[] = [
  ...['evidence', 'demo', 'profile', 'region', 'endpoint-url'],
  ...['strict', 'color', 'debug'],
];

/** An option without effect would look as if it had one. @throws Failure */
function refuseOptionsOfCheck({ parent }: Command): void {
  const taken = optionsOfInit.map((name) => new Option(`--${name}`).attributeName());
  const option = parent?.options.find((one) => {
    const name = one.attributeName();
    return parent.getOptionValueSource(name) === 'cli' && !taken.includes(name);
  });
  if (option !== undefined)
    throw new Failure(
      'input',
      `\`preflight init\` takes no ${option.long ?? option.flags}`,
      'leave it out: `preflight init` writes what is allowed now, and `preflight` checks it later',
    );
}

/** The flags that name the data, for a suggested command that needs the same data. */
function sourceFlags({ demo, evidence = [] }: PreflightOptions): string {
  const example = demo === undefined ? [] : [demo === true ? '--demo' : `--demo=${demo}`];
  return [...example, ...evidence.map((path) => `--evidence ${shellQuoted(path)}`)].map((flag) => ` ${flag}`).join('');
}

function explainCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('explain', io)
    .summary('show one expectation in full')
    .description('Shows one expectation in full: every combination that does not hold, why, and the fix.')
    .configureHelp({
      commandUsage: () => 'aurora-kms-check preflight explain <id> [file...] [options]',
    })
    .addArgument(new Argument('<id>', 'the ID of the expectation'))
    .addArgument(new Argument('[file...]', 'expectations files; - is standard input'));
  command.addHelpText('after', '\nThe options of `preflight` also work here: see `aurora-kms-check preflight --help`.');
  return command.action(async (id: string, files: readonly string[], _: unknown, self: Command) => {
    // Commander passes these options to the parent command.
    const options = self.optsWithGlobals<PreflightOptions>();
    const { expectations, names, paths } = await asked(files, options);
    const places = placesIn([...paths, ...(options.plan ?? [])], options, io);
    const found = expectations.filter((one) => one.id === id);
    if (found.length === 0) throw idNotFound(id, expectations);
    const report = await reportOn({ expectations: found, names, paths }, { ...options, whole: true }, io);
    await show('preflight', { report }, { ...options, places, verbose: true }, io);
    done(exitCodeOfVerdict(report.verdict, options.failOn));
  });
}

function idNotFound(id: string, expectations: Asked['expectations']): Failure {
  const ids = nearestFirst(
    id,
    expectations.map((one) => one.id),
  );
  return new Failure(
    'input',
    `no expectation has the ID \`${id}\``,
    ids.length === 0
      ? 'name a file with expectations; `aurora-kms-check preflight --plan PLAN --list-all --verbose` shows each request of a plan'
      : `did you mean ${list(ids.slice(0, 3), 'or')}?`,
  );
}

function addOptions(command: Command): void {
  command.optionsGroup('Data source (AWS, unless --evidence or --demo):');
  for (const option of evidenceOptions(false)) command.addOption(option);
  command.optionsGroup('Plan:');
  command.addOption(planOption('to check before apply'));
  command.addOption(
    new Option('--principal <principal>', 'who applies the plan (default: the principal that the plan shows)'),
  );
  command.optionsGroup('Output:');
  command.addOption(formatOption('preflight'));
  for (const option of answerOptions({
    verbose: 'list every combination that does not hold, and what each pattern matched',
    listAll: 'list every request of a plan, and all names that a plan affects',
  }))
    command.addOption(option);
}

/**
 * The baseline in use, or the function that records what a new one accepts. `ids`: the IDs of the
 * expectations that are checked; undefined: all. @throws Failure
 */
async function baselineFor(options: PreflightOptions, now: string, ids: readonly string[] | undefined, io: Io) {
  const toWrite = newBaseline(options, now);
  if (toWrite !== undefined) {
    // A request of a plan is judged in several states of the apply, and the worst outcome counts.
    const entries = new Map<string, BaselineEntry>();
    const record = (entry: BaselineEntry): void => {
      const key = baselineKey(entry);
      if (entries.get(key)?.outcome !== 'broken') entries.set(key, entry);
    };
    return {
      settings: { record },
      save: () => writtenBaseline(toWrite, 'preflight', withoutSecretNames([...entries.values()], io)),
    };
  }
  const read = await namedBaseline(options, 'preflight');
  if (read === undefined) return { settings: {} };
  // It is not known whether entries of other expectations are needed.
  const entries = read.entries.filter(({ id }) => ids === undefined || ids.includes(id));
  return { settings: { baseline: baselineInUse({ ...read, entries }, now) } };
}

/**
 * A baseline identifies what it accepts by names. Secret names are never written to a file, so no
 * baseline accepts them.
 */
function withoutSecretNames(entries: readonly BaselineEntry[], io: Io): readonly BaselineEntry[] {
  const open = entries.filter((entry) => sameJson(io.withoutSecrets?.(entry) ?? entry, entry));
  const left = entries.length - open.length;
  if (left > 0)
    io.stderr.write(
      `note: the baseline leaves out ${counted(left, 'combination')} with a name that the plan marks as sensitive\n`,
    );
  return open;
}

interface Asked {
  readonly expectations: readonly Expectation[];
  readonly names: readonly string[];
  readonly paths: readonly string[];
}

const usualFile = 'aurora-kms-check.yaml';
const usualFiles = [usualFile, 'aurora-kms-check.yml', 'aurora-kms-check.json'];

/** The expectations of the named files, or of the file in the working folder. @throws Failure */
async function asked(named: readonly string[], options: PreflightOptions): Promise<Asked> {
  const { evidence = [], plan = [], baseline } = options;
  const { inputName, isThere, readText } = await import('../../evidence/readers/files.ts');
  const [usual] = named.length > 0 ? [] : usualFiles.filter(isThere);
  const files = named.length > 0 ? named : usual === undefined ? [] : [usual];
  if (files.length === 0 && plan.length === 0)
    throw new Failure(
      'input',
      `no expectations file: there is no ${list(usualFiles, 'or')} in the current folder`,
      'name a file, write one with `aurora-kms-check preflight init`, or check a Terraform plan with --plan',
    );
  const inputs = [...files, ...evidence, ...plan, ...(baseline === undefined ? [] : [baseline])];
  if (inputs.filter((path) => path === '-').length > 1)
    throw new Failure(
      'input',
      'standard input (`-`) is given twice',
      'use it once: for the expectations, the evidence, the plan or the baseline',
    );
  const { readExpectations } = await import('../../preflight/read.ts');
  const texts = files.map((path) => ({ file: inputName(path), text: readText(path) }));
  return { expectations: readExpectations(texts), names: texts.map(({ file }) => file), paths: files };
}

interface Held extends HeldEvidence {
  /** The Region of expectations that name none. */
  readonly region: string | undefined;
}

/** @throws Failure */
async function reportOn(
  { expectations, names }: Asked,
  options: PreflightOptions & { readonly whole: boolean },
  io: Io,
): Promise<PreflightReport> {
  const sessionPolicies = await sessionPoliciesOf(expectations);
  const plans = await plansOf(options, io);
  const { evidence, files, region } = await evidenceFor(options, { expectations, plans }, io);
  const { strict, whole, principal } = options;
  const question = {
    expectations,
    files: names,
    whole,
    evaluatedAt: io.now().toISOString(),
    strict: strict === true,
    sessionPolicies,
    ...(region === undefined ? {} : { region }),
    ...(plans.length === 0 ? {} : { plans }),
    ...(principal === undefined ? {} : { applier: principal }),
    ...oldestAllowed(options, evidence),
  };
  const ids = whole ? expectations.map(({ id }) => id) : undefined;
  const accepted = await baselineFor(options, question.evaluatedAt, ids, io);
  const ask = (more: Partial<PreflightQuestion>): PreflightReport =>
    refusingFaults(files, () => preflight(evidence, { ...question, ...more }, version));
  const report = ask(accepted.settings);
  // What is accepted from now on is accepted in this run, too.
  return accepted.save === undefined
    ? report
    : ask({ baseline: baselineInUse(await accepted.save(), question.evaluatedAt) });
}

/** @throws Failure if a file is not a plan, or --principal has no plan */
async function plansOf({ plan = [], principal }: PreflightOptions, io: Io): Promise<readonly NamedPlan[]> {
  if (principal !== undefined && plan.length === 0)
    throw new Failure(
      'input',
      '--principal names who applies a plan, and needs --plan',
      'add --plan FILE, or name the principal in the expectations (who:)',
    );
  return await plansNamed({ plan }, io);
}

/** The session policies of the expectations, by the text that names them. @throws Failure */
async function sessionPoliciesOf(expectations: readonly Expectation[]): Promise<ReadonlyMap<string, SessionPolicies>> {
  const named = new Map(
    expectations.flatMap(({ session: { policy } }) =>
      policy === undefined ? [] : [[policy.text, policy.at] as const],
    ),
  );
  if (named.size === 0) return new Map();
  const { readText } = await import('../../evidence/readers/files.ts');
  return new Map(
    [...named].map(([text, { file, line }]) => {
      const name = `${file}:${line}: policy`;
      const document = text.trimStart().startsWith('{') ? text : readText(text, name);
      const faults = saveFaults('session', name, document);
      if (faults.length > 0) throw faultyPolicy(name, faults);
      return [text, { text: { name: 'session policy', document }, managed: [] }];
    }),
  );
}

/** The evidence that the options name: embedded, from files, or read from AWS. @throws Failure */
async function evidenceFor(options: PreflightOptions, needed: AskedOfAws, io: Io): Promise<Held> {
  const held = await heldEvidence(options);
  if (held !== undefined) return { ...held, region: options.region };
  const { readExpected } = await import('./preflight-live.ts');
  const read = await readExpected(needed, liveOptions(options, io));
  clearLine(io.stderr);
  refuseFaults('what AWS returned', read.evidence);
  return { ...read, files: [] };
}
