import { structuredPatch } from 'diff';
import { accountOf, isRootArn, parseArn, shortName } from '../base/arn.ts';
import { type Command, commandLines, commandParts, commandText } from '../base/command.ts';
import { groupBy } from '../base/group.ts';
import { jsonText } from '../base/json.ts';
import { distinctNames, someNames } from '../base/names.ts';
import { isSessionOf } from '../base/principal-arn.ts';
import { capital, counted, list, numberText, sentence, someOf } from '../base/wording.ts';
import type { ReportedFix as Remedy, ReportedFixStep as RemedyChange, Result } from '../contract/report.ts';
import { abilityText } from '../explain/answers.ts';
import { catalogue } from '../operations/catalogue.ts';
import { gainersIn, gainsOf, type OneGain, type OnePower, powersOf } from './gains.ts';
import { type Page, type ReportPage, section } from './page.ts';
import { type Paint, wrap } from './style.ts';

/**
 * The fixes, with the smallest first; at least one. The view decides how much of the others is
 * shown.
 */
export function remedySection({ fixes, operation, principal }: Result, page: ReportPage): string {
  const [first, ...others] = fixes.flatMap((id) => page.fixes.get(id) ?? []);
  if (first === undefined) return '';
  const { width, paint } = page;
  const all = page.fix === 'all' ? others : [];
  const lines = [
    ...remedyLines(first, principal.arn, page),
    ...all.flatMap((other, index) => [
      '',
      `  ${paint.strong(wrap(`Alternative ${index + 1} (${outcome(other, operation)})`, width - 2, '  ').trimStart())}`,
      ...remedyLines(other, principal.arn, page),
    ]),
  ];
  return section(`Fix (${outcome(first, operation)})`, lines, page);
}

/** How to see what the section hides of a result's fixes. Empty: nothing is hidden. */
export function hiddenFixes({ fixes: ids }: Result, { fix, fixes }: ReportPage): readonly string[] {
  if (ids.length === 0) return [];
  const others = fix === 'all' ? 0 : ids.length - 1;
  const hasCommands = fixes.get(ids[0] ?? '')?.steps.some((step) => step.commands.length > 0) === true;
  const commands = fix === 'steps' && hasCommands ? ['Commands: --fix (Terraform: --fix=terraform).'] : [];
  const alternatives = others === 0 ? [] : [`${counted(others, 'alternative')}: --fix=all.`];
  const words = [...commands, ...alternatives];
  return words.length === 0 ? [] : [words.join(' ')];
}

/** One fix: its steps, what leaves it in doubt, and who else gains what. */
function remedyLines(remedy: Remedy, principal: string, page: ReportPage): readonly string[] {
  const { width } = page;
  const numbered = remedy.steps.length > 1;
  const together = doersOfAll(remedy);
  const isOwn = isInOneAccount(remedy, principal);
  const gap = page.fix === 'steps' ? [] : [''];
  return [
    ...remedy.doubts.map(({ text }) => wrap(sentence(text), width, '  ')),
    ...nobodyLines(remedy).map((words) => wrap(words, width, '  ')),
    ...remedy.steps.flatMap((change, index) => [
      ...changeLines(
        change,
        {
          number: numbered ? `${index + 1}. ` : '',
          whose: isOwn && change.owner !== 'caller' ? '' : ownerWords(change),
          together,
        },
        page,
      ),
      ...gap,
    ]),
    ...together.map((words) => wrap(words, width, '  ')),
    ...sideEffects(remedy, principal, page).map((words) => wrap(words, width, '  ')),
  ];
}

function outcome({ verdict, doubts }: Remedy, operation: string): string {
  if (doubts.some(({ code }) => code === 'reported-denial-not-read'))
    return 'not checked against the denial that AWS reports';
  return verdict === 'succeeds'
    ? `re-checked: ${operation} then succeeds`
    : `re-checked: ${operation} is then undetermined instead of failing`;
}

const owners: Readonly<Record<RemedyChange['owner'], string>> = {
  caller: 'you',
  "principal's account": "the principal's account",
  'key owner': 'the key owner',
  'snapshot owner': 'the owner of the snapshot',
  organization: 'the organization',
};

/** The owner of a step, with the account unless it is the principal's account. */
function ownerWords({ owner, account }: RemedyChange): string {
  if (owner === 'caller' || account === '') return `${owners[owner]}: `;
  return owner === "principal's account" ? `${owners[owner]} ${account}: ` : `${owners[owner]} (account ${account}): `;
}

/** If everything is in one account, the owner of a step need not be shown. */
function isInOneAccount({ steps }: Remedy, principal: string): boolean {
  return steps.every(
    ({ owner, account }) => owner === 'caller' || (owner !== 'organization' && account === accountOf(principal)),
  );
}

/** What a step is shown with. */
interface Around {
  readonly number: string;
  readonly whose: string;
  /** What is said once for all steps. */
  readonly together: readonly string[];
}

function changeLines(change: RemedyChange, { number, whose, together }: Around, page: ReportPage): readonly string[] {
  const { width, paint, fix } = page;
  const indent = ' '.repeat(2 + number.length);
  const words = wrap(capital(`${whose}${list(change.does.map(({ text }) => text))}`), width, indent);
  const inner = `${indent}  `;
  const shown =
    fix === 'terraform'
      ? (change.terraform ?? change.commands.map(commandText).join('\n')).split('\n').map((line) => `${inner}${line}`)
      : change.script !== null
        ? change.script.split('\n').map((line) => `${inner}${line}`)
        : change.commands.flatMap((command) => shownCommand(command, inner, page));
  const difference = change.policy === null ? [] : diffLines(change.policy, inner, paint);
  const details = difference.length > 0 && shown.length > 0 ? [...difference, '', ...shown] : [...difference, ...shown];
  return [
    `  ${number}${words.trimStart()}`,
    ...[...(together.length === 0 ? doerLines(change) : []), ...askLines(change)].map((line) =>
      wrap(line, width, indent),
    ),
    ...(fix === 'steps' || details.length === 0 ? [] : ['', ...details]),
  ];
}

/** Whom to ask before a change. */
function askLines({ askFirst }: RemedyChange): readonly string[] {
  return askFirst.length === 0 ? [] : [`This Deny protects the key on purpose: ask ${named(askFirst)} first.`];
}

/** Who could make a change. */
function doerLines({ by }: RemedyChange, what = 'this'): readonly string[] {
  if (by === null) return [];
  const { principals, perhaps } = by;
  if (principals.length > 0) return [sentence(`${named(principals)} can do ${what}`)];
  return perhaps.length === 0 ? [] : [sentence(`${named(perhaps)} may be able to do ${what}`)];
}

/** Said once if the same principals could take every step. */
function doersOfAll({ steps: all }: Remedy): readonly string[] {
  const [first, ...others] = all;
  if (first === undefined || others.length === 0) return [];
  const steps = others.length === 1 ? 'both steps' : `all ${all.length} steps`;
  const words = doerLines(first, steps);
  return others.every((change) => doerLines(change, steps).join('') === words.join('')) ? words : [];
}

/** Root users are named only if there is nobody else. */
function named(arns: readonly string[]): string {
  const users = arns.filter((arn) => !isRootArn(arn));
  if (users.length === 0) return arns.length === 0 ? '' : `the root user of account ${accountOf(arns[0] ?? '')}`;
  return someNames(users, mostDoers);
}

const mostDoers = 3;

/** Comes first, because a step that nobody may take does not help. */
function nobodyLines({ steps }: Remedy): readonly string[] {
  return steps.flatMap(({ by, account }) => {
    if (by === null || by.remaining === null) return [];
    const nobody = `No user or role of account ${account} is allowed to call ${list(by.actions)}, and neither is the root user.`;
    return [`${nobody} ${remainingText(by.remaining)}`];
  });
}

function remainingText(remaining: NonNullable<NonNullable<RemedyChange['by']>['remaining']>): string {
  switch (remaining.way) {
    case 'AWS Support':
      return 'Only AWS Support can help.';
    case 'give permission': {
      const { principal, actions, givers } = remaining;
      return `${capital(named(givers))} can give ${shortName(principal)} the permission in IAM (${list(actions)}).`;
    }
    case 'create principal': {
      const { principal, action, creators } = remaining;
      return `The policies would let ${shortName(principal)} do this, but no such principal exists. ${capital(named(creators))} can create one (${action}).`;
    }
  }
}

/** The difference with some lines around it. The command has the complete new policy. */
function diffLines(
  { before, after }: NonNullable<RemedyChange['policy']>,
  indent: string,
  paint: Paint,
): readonly string[] {
  if (before === null) return [];
  const pretty = (document: unknown): string => `${jsonText(document)}\n`;
  const { hunks } = structuredPatch('', '', pretty(before), pretty(after), '', '', { context: 2 });
  const lines = hunks.flatMap(({ lines: inHunk }, index) => [...(index === 0 ? [] : ['  ...']), ...inHunk]);
  return lines
    .filter((line) => !line.startsWith('\\'))
    .map(
      (line) => `${indent}${line.startsWith('+') ? paint.good(line) : line.startsWith('-') ? paint.bad(line) : line}`,
    );
}

function shownCommand(command: Command, indent: string, { width }: Page): readonly string[] {
  return commandLines(commandParts(command), width - indent.length).map((line) => `${indent}${line}`);
}

/** Who else gains what, and what happens to running databases. */
function sideEffects(remedy: Remedy, principal: string, page: ReportPage): readonly string[] {
  return [gainWords(remedy, principal, page), ...runningWords(remedy)];
}

function gainWords(remedy: Remedy, principal: string, { fix, keyName }: ReportPage): string {
  const { gains, powersNotAsked, notAsked, among, unread } = remedy;
  const powers = powersOf(remedy);
  const open = notAsked + powersNotAsked;
  // That others were not checked covers principals that were not read.
  const isCertain = open === 0 && (unread === undefined || among === 1);
  const left =
    (among === 1 ? '' : unreadWords(unread)) +
    (open === 0 ? '' : ` Incomplete: ${numberText(open)} combinations were not checked.`);
  // A check on AWS reads only what it needs.
  const more =
    among === undefined
      ? left
      : among === 1
        ? ` Other principals were not checked.${left}`
        : ` ${numberText(among)} users and roles were checked.${left}`;
  if (gains.length + powers.length === 0)
    return among === 1
      ? more.trimStart()
      : `${isCertain ? 'Nobody gains any other access.' : 'Nobody is known to gain any other access.'}${more}`;
  const direct = powerSentences(powers, principal, keyName);
  if (gains.length === 0) return `${direct.join(' ')}${more}`;
  const isShort = fix === 'steps';
  const wordsOf = wordingGains(gains, keyName, isShort ? mostPhrases : Number.POSITIVE_INFINITY);
  const gainers = [...gainersIn(gains)];
  const isRoot = ([who]: (typeof gainers)[number]): boolean => isRootArn(who) && who !== principal;
  const [roots, users] = [gainers.filter(isRoot), gainers.filter((one) => !isRoot(one))];
  const byPrincipal = users.map(([who, theirs]) => {
    const account = accountOf(who);
    return { who, where: account === accountOf(principal) ? '' : ` of account ${account}`, what: wordsOf(theirs) };
  });
  // Principals with the same gain are named together.
  const groups = [...groupBy(byPrincipal, ({ where, what }) => `${where} ${what}`).values()];
  const shown = isShort && groups.length > mostGroups ? groups.slice(0, mostGroups - 1) : groups;
  const hidden = groups.slice(shown.length).flat().length;
  const rest = hidden === 0 ? [] : [`${numberText(hidden)} more principals also gain access: --fix names them.`];
  const sentences = shown.map((alike) => {
    const [first] = alike;
    return `${capital(namesOf(alike))}${first?.where ?? ''} could then also ${first?.what ?? ''}.`;
  });
  const cut = shown.some(({ length }) => length > mostNames) ? [`--output json names all principals.`] : [];
  const others = [...users.map(([who]) => who), ...powers.map((power) => power.principal)].filter(
    (who) => !isSelf(who, principal),
  );
  const whoElse = roots.length === 0 ? 'Nobody else' : `No ${users.length === 0 ? '' : 'other '}user or role`;
  // If only one principal was checked, nobody is known who could gain.
  const nobody =
    others.length > 0 || among === 1 ? [] : [`${whoElse} ${isCertain ? 'gains' : 'is known to gain'} access.`];
  return `${[...sentences, ...rest, ...cut, ...direct, ...nobody, ...rootSentences(roots, isShort, wordsOf)].join(' ')}${more}`;
}

/**
 * What root users gain. A root user gains the most, because IAM does not limit it. The list is long
 * and seldom decides, so a short answer only counts.
 */
function rootSentences(
  roots: readonly (readonly [string, Remedy['gains']])[],
  isShort: boolean,
  wordsOf: (theirs: Remedy['gains']) => string,
): readonly string[] {
  const groups = groupBy(roots, ([, theirs]) => {
    const operations = new Set(gainsOf(theirs).map(({ operation, api }) => `${operation} ${api}`));
    return isShort ? `run ${counted(operations.size, 'operation')}: --fix names them` : wordsOf(theirs);
  });
  return [...groups].map(([what, same]) => {
    const accounts = someOf(
      same.map(([who]) => accountOf(who)),
      mostNames,
    );
    return `The root ${same.length === 1 ? 'user of account' : 'users of accounts'} ${accounts} could then also ${what}.`;
  });
}

/** Which principals that could gain were not read. */
function unreadWords(unread: Remedy['unread']): string {
  if (unread === undefined) return '';
  const { accounts, others } = unread;
  const lists =
    accounts.length === 0
      ? ''
      : ` The users and roles of ${accounts.length === 1 ? 'account' : 'accounts'} ${someOf(accounts, mostNames)} were not all read.`;
  return `${lists}${others ? ' Accounts that were not read were not checked.' : ''}`;
}

/** The most groups of principals with the same gain to name; --fix names all. */
const mostGroups = 3;

/** The first of many names, and the number of the others. */
function namesOf(alike: readonly { readonly who: string }[]): string {
  const names = gainerNames(alike);
  const shown = names.slice(0, names.length > mostNames ? 3 : mostNames);
  const others = names.length - shown.length;
  return list(others === 0 ? shown : [...shown, `${numberText(others)} more principals`]);
}

function gainerNames(alike: readonly { readonly who: string }[]): readonly string[] {
  return distinctNames(
    alike.map(({ who }) => who),
    (arn) => (isRootArn(arn) ? 'the root user' : shortName(arn)),
  );
}

/** The most abilities of one principal to name; --fix names all. */
const mostPhrases = 8;

/** What is gained, in words. Thousands of principals may gain the same. `most`: the most to name. */
function wordingGains(
  gains: Remedy['gains'],
  keyName: ReportPage['keyName'],
  most: number,
): (theirs: Remedy['gains']) => string {
  const numbers = new Map(gains.map((gain, index) => [gain, index]));
  const known = new Map<string, string>();
  return (theirs) => {
    const name = theirs.map((gain) => numbers.get(gain)).join();
    const text = known.get(name) ?? gained(gainsOf(theirs), keyName, most);
    known.set(name, text);
    return text;
  };
}

/** Who could then call what without RDS. Principals with the same gain are named together. */
function powerSentences(powers: readonly OnePower[], asker: string, keyName: ReportPage['keyName']): readonly string[] {
  const byPrincipal = [...groupBy(powers, ({ principal }) => principal)].map(([who, theirs]) => {
    const account = accountOf(who);
    const where = account === accountOf(asker) ? '' : ` of account ${account}`;
    return { who, where, what: calledDirectly(theirs, keyName) };
  });
  return [...groupBy(byPrincipal, ({ where, what }) => `${where} ${what}`).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const names = alike.length > mostNames ? counted(alike.length, 'principal') : list(gainerNames(alike));
    return [`${capital(names)}${first.where} could then also call ${first.what}.`];
  });
}

const mostNames = 5;

/** The actions, grouped by their resources. */
function calledDirectly(powers: readonly OnePower[], keyName: ReportPage['keyName']): string {
  const onKeys = [...groupBy(powers, ({ action, after }) => (after === 'allowed' ? action : `perhaps ${action}`))].map(
    ([action, same]) => {
      const keys = same.flatMap(({ key }) => key ?? []);
      const [key] = keys;
      return {
        action,
        on: key === undefined ? '' : keys.length > 1 ? ` on ${numberText(keys.length)} keys` : ` on ${keyName(key)}`,
      };
    },
  );
  const parts = [...groupBy(onKeys, ({ on }) => on)].map(
    ([on, same]) => `${list(same.map(({ action }) => action))}${on === '' ? '' : `${on} itself`}`,
  );
  return list(parts);
}

/**
 * Whether a principal is the one in question. A session gains what its role gains. The ARN of a
 * session does not show the path of its role.
 */
function isSelf(who: string, principal: string): boolean {
  return who === principal || isSessionOf(principal, who);
}

/** The operations that take data out or give access to it, which a short answer names first. */
const telling: readonly string[] = [
  'share-snapshot',
  'export-snapshot',
  'copy-snapshot',
  'restore',
  'restore-to-point-in-time',
  'clone',
];

/**
 * What somebody could then do, by operation. Two APIs with the same words are named once. If there
 * are more than `most` abilities, the less telling ones are counted.
 */
function gained(gains: readonly OneGain[], keyName: ReportPage['keyName'], most: number): string {
  const byPhrase = groupBy(gains, (gain) => JSON.stringify([gain.api, phraseOf(gain), gain.after]));
  const rank = ([{ operation }]: readonly [OneGain, ...OneGain[]]): number =>
    telling.includes(operation) ? telling.indexOf(operation) : telling.length;
  const groups = [...byPhrase.values()];
  const inOrder = groups.length <= most ? groups : groups.toSorted((one, other) => rank(one) - rank(other));
  const abilities = inOrder.map((same) => {
    const [first] = same;
    const { after } = first;
    const phrase = phraseOf(first);
    const targets = [...new Set(same.map(({ target }) => target))];
    const words = phrase.includes('SOURCE')
      ? abilityText(phrase, targets)
      : `${phrase} under ${list(distinctNames(targets, keyName))}`;
    return after === 'succeeds' ? words : `perhaps ${words}`;
  });
  if (abilities.length <= most) return list(abilities);
  const shown = abilities.slice(0, most - 2);
  return list([...shown, `run ${numberText(abilities.length - shown.length)} more operations: --fix names them`]);
}

/** The phrase for a gain, by the type of the target: the same API creates instances of clusters. */
function phraseOf({ operation, api, target }: OneGain): string {
  const alike = catalogue.filter((one) => one.command === operation && one.api === api);
  const type = parseArn(target)?.type;
  const ofTarget = alike.find(({ reads }) => reads?.types.some((one) => one === type) === true);
  return (ofTarget ?? alike[0])?.phrase ?? operation;
}

function runningWords({ running }: Remedy): readonly string[] {
  return running.map(({ key, alias, databases, before, after, why }) => {
    const name = alias ?? shortName(key);
    const what = `the ${counted(databases, 'database')} under ${name}`;
    if (after !== 'allowed') return `Whether RDS can still use the key for ${what} is unknown: ${why.text}.`;
    return before === 'allowed'
      ? `Running databases are not affected (${counted(databases, 'database')} ${databases === 1 ? 'uses' : 'use'} ${name}).`
      : `RDS can then use the key for ${what}. Before the fix, this is not certain.`;
  });
}
