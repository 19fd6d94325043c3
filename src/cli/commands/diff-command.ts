import { Argument, type Command, Option } from 'commander';
import { assume } from '../../answer/assume.ts';
import { type DiffQuestion, diff } from '../../answer/diff.ts';
import { applied } from '../../answer/plan.ts';
import { Failure } from '../../base/failure.ts';
import { operationsCalled } from '../../check/operation-named.ts';
import type { DiffReport } from '../../contract/diff-report.ts';
import type { Hypothesis } from '../../evidence/hypothesis.ts';
import { resolvePrincipal, verifyPrincipal } from '../../evidence/principal-name.ts';
import type { Operation } from '../../operations/operation.ts';
import type { NamedPlan } from '../../plan/planned-state.ts';
import { commandOf } from '../command.ts';
import { exitCodeOfVerdict, type FailOn, fileFailureCodesHelp } from '../exit-code.ts';
import { exampleCalled } from '../held-evidence.ts';
import type { Io } from '../io.ts';
import { type AssumeOptions, assumeOptions, hypothesesOf, refuseTwoInputs } from '../options/assume-options.ts';
import { RepeatableOption } from '../options/flag-option.ts';
import { allowEmptyOption, answerOptions, demoOptions, formatOption } from '../options/options.ts';
import { type PlanOptions, planOption, plansNamed } from '../options/plan-options.ts';
import { sessionOptions } from '../options/session-options.ts';
import { type DemoName, more, regionName } from '../options/values.ts';
import { placesIn, withEvidence } from '../report-places.ts';
import { type ShowOptions, show } from '../show.ts';
import { version } from '../version.ts';

/** The options of `diff`, as typed values. */
interface DiffOptions extends AssumeOptions, PlanOptions, ShowOptions {
  readonly demo?: DemoName;
  readonly region?: string;
  readonly principal?: readonly string[];
  readonly operation?: readonly Operation[];
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly strict?: boolean;
  readonly allowEmpty?: boolean;
  readonly failOn: FailOn;
}

const examples = `Examples:
  $ aurora-kms-check diff yesterday.json today.json
  $ aurora-kms-check diff evidence.json --assume-policy alias/orders=policy.json
  $ aurora-kms-check diff evidence.json --plan plan.json
  $ aurora-kms-check diff --demo --assume-key-state alias/ledger=PendingDeletion --operation restore

Exit codes:
  0    everything that succeeded still succeeds
  1    something that succeeded now fails
  2    something that succeeded is now undetermined, or nothing was compared
${fileFailureCodesHelp()}`;

/** `diff`: which verdicts change between two states of evidence. `done` receives the exit code. */
export function diffCommand(io: Io, done: (exitCode: number) => void): Command {
  const command = commandOf('diff', io)
    .description(
      'Compares two states of an account, and shows which verdicts change. Checks all users, roles and root users with all databases and snapshots that both states have.',
    )
    .configureHelp({
      commandUsage: () =>
        'aurora-kms-check diff <before> <after> [options]\n       aurora-kms-check diff <before> --plan <file> [options]\n       aurora-kms-check diff <before> --assume-... [options]',
    })
    .addArgument(new Argument('[before]', 'an evidence file or a folder of evidence files (- is standard input)'))
    .addArgument(
      new Argument('[after]', 'the file to compare with (default: <before> with the --plan and --assume-... flags)'),
    );
  command.optionsGroup('Request:');
  command.addOption(
    new RepeatableOption('--principal <who>', 'check only this principal: ARN, user/NAME or role/NAME').argParser(more),
  );
  command.addOption(
    new RepeatableOption('--operation <name>', 'check only this operation, such as restore').argParser(operation),
  );
  for (const option of sessionOptions().filter(({ long }) => long === '--context')) command.addOption(option);
  command.optionsGroup('Data source:');
  for (const option of demoOptions('use the embedded example instead of a file')) command.addOption(option);
  command.addOption(planOption('to compare with the state after the apply'));
  command.addOption(
    new Option('--region <name>', 'Region of resources whose Region is in neither the plan nor the evidence').argParser(
      regionName,
    ),
  );
  for (const option of assumeOptions()) command.addOption(option);
  command.optionsGroup('Output:');
  command.addOption(formatOption('diff'));
  command.addOption(allowEmptyOption());
  for (const option of answerOptions({ listAll: 'list all names' })) command.addOption(option);
  command.addHelpText('after', `\n${examples}`);
  return command.action(async (before: string | undefined, after: string | undefined, options: DiffOptions) => {
    const files = [after, before].filter((path) => path !== undefined);
    const named = placesIn([...files, ...(options.plan ?? [])], options, io);
    const places = await withEvidence(named, files, options);
    const report = await reported(await questionOf({ before, after }, options, io), io);
    await show('diff', report, { ...options, places }, io);
    done(exitCodeOfVerdict(report.verdict, options.failOn));
  });
}

function operation(name: string, before: readonly Operation[] = []): readonly Operation[] {
  return [...before, ...operationsCalled(name)];
}

interface Paths {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type Named = DiffQuestion['before'];

/** @throws Failure if there are not two states, or one cannot be read */
async function questionOf({ before, after }: Paths, options: DiffOptions, io: Io): Promise<DiffQuestion> {
  const { demo, principal, operation: operations, context = {} } = options;
  for (const who of principal ?? []) verifyPrincipal(who);
  refuseTwoInputs(
    [before, after].filter((path) => path !== undefined),
    options,
  );
  const hypotheses = await hypothesesOf(options);
  if (demo !== undefined && before !== undefined)
    throw new Failure('input', '--demo is already the first state', 'leave out the file or --demo');
  const { plan: planned = [], region } = options;
  refuseOtherWays({ after, planned, region, isAssumed: hypotheses.length > 0 });
  const plans = await plansNamed(options, io);
  const first =
    demo !== undefined ? { evidence: await exampleCalled(demo), name: 'the embedded example' } : await stateIn(before);
  if (after === undefined && plans.length === 0 && hypotheses.length === 0)
    throw new Failure(
      'input',
      'the second state is missing',
      'name a second evidence file, or add --plan, --assume-policy, --assume-key-state or --assume-attach',
    );
  const states =
    after === undefined
      ? changedState(first, plans, { hypotheses, region, strict: options.strict === true })
      : undefined;
  const second = states ?? { before: first, after: await stateIn(after) };
  return {
    ...second,
    ...(principal === undefined
      ? {}
      : { principals: principal.map((who) => resolvePrincipal(second.before.evidence, who)) }),
    ...(operations === undefined ? {} : { operations }),
    context,
    evaluatedAt: io.now().toISOString(),
    strict: options.strict === true,
    allowEmpty: options.allowEmpty === true,
  };
}

interface Ways {
  readonly after: string | undefined;
  readonly planned: readonly string[];
  readonly region: string | undefined;
  readonly isAssumed: boolean;
}

/** The second state is a file, or the first state with changes. @throws Failure */
function refuseOtherWays({ after, planned, region, isAssumed }: Ways): void {
  if (after !== undefined && planned.length > 0)
    throw new Failure('input', 'both a second file and --plan are given', 'leave out one of them');
  if (after !== undefined && isAssumed)
    throw new Failure('input', 'both a second file and --assume-... flags are given', 'leave out one of them');
  if (region !== undefined && planned.length === 0)
    throw new Failure(
      'input',
      '--region says where the resources of a plan are, and needs --plan',
      'add --plan FILE, or leave out --region',
    );
}

interface Changing {
  readonly hypotheses: readonly Hypothesis[];
  readonly region: string | undefined;
  readonly strict: boolean;
}

type States = Pick<DiffQuestion, 'before' | 'after' | 'assumed' | 'applied'>;

/**
 * The first state, and the same with plans and then assumptions. Data that the plans have read
 * counts in both states, so that they differ only in the changes of the apply.
 */
function changedState(first: Named, plans: readonly NamedPlan[], { hypotheses, ...settings }: Changing): States {
  const { before, after, ...planned } = applied(first.evidence, plans, settings);
  const { evidence, assumed } = assume(after, hypotheses);
  return {
    before: { ...first, evidence: before },
    after: { evidence, name: hypotheses.length > 0 ? 'the hypothetical state' : 'the state after the apply' },
    ...(hypotheses.length === 0 ? {} : { assumed }),
    ...(plans.length === 0 ? {} : { applied: planned }),
  };
}

async function stateIn(path: string | undefined): Promise<Named> {
  if (path === undefined)
    throw new Failure('input', 'no evidence file given', 'name an evidence file or folder, or use --demo');
  const { readEvidence } = await import('../../evidence/read.ts');
  const { evidence } = readEvidence([path]);
  return { evidence, name: path === '-' ? 'standard input' : path };
}

/** In milliseconds: when progress is first shown, and how often it is updated. */
const patience = 500;

async function reported(question: DiffQuestion, io: Io): Promise<DiffReport> {
  const comparing = diff(question, version);
  let last = Date.now();
  let shown = false;
  for (;;) {
    const step = comparing.next();
    if (step.done === true) {
      if (shown) io.stderr.write('\r\u001b[K');
      return step.value;
    }
    if (Date.now() - last < patience) continue;
    last = Date.now();
    const { done, of } = step.value;
    if (io.stderr.isTTY === true) {
      io.stderr.write(`\r\u001b[Kcompared ${done} of ${of} principals`);
      shown = true;
    }
    // Lets the program notice an interrupt.
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}
