import { shortName } from '../base/arn.ts';
import { groupBy } from '../base/group.ts';
import { list, sentence, withoutStop } from '../base/wording.ts';
import type {
  KeyImpactReport,
  ReportedActionImpact,
  ReportedEffect,
  ReportedKeyImpact,
} from '../contract/key-impact-report.ts';
import { namesText } from '../explain/key-impact.ts';
import type { Draw } from './format.ts';
import { section, signed } from './page.ts';
import { planSections } from './plan.ts';
import { safe } from './safe.ts';
import { type ReportStyle, wrap } from './style.ts';
import { bad, contrary, doubtful, good, notable, type Sign } from './words.ts';

export const keyVerdictSigns: Readonly<Record<KeyImpactReport['verdict'], Sign>> = {
  breaks: bad,
  'cannot tell': doubtful,
  // Neither says that a key is safe to lose.
  'no loss found': good,
  'no RDS dependent found': good,
};

export const drawKeyImpact: Draw<'keyImpact'> = safe((report, style) => keyImpactText(report, style));

function keyImpactText(report: KeyImpactReport, page: ReportStyle): string {
  const { answer, verdict, keys } = report;
  const isOne = keys.length === 1;
  const headline = (sign: Sign, text: string): string =>
    page.paint.strong(signed(page, sign, wrap(text, page.width - 2, '  ').trimStart()));
  const parts = keys.flatMap((one) => [
    // A plan may leave the answer about the only key open.
    `${headline(keyVerdictSigns[isOne ? verdict : one.verdict], one.says)}\n${placeLine(one, page)}`,
    ...one.actions.filter((action) => isShown(action, page)).map((action) => actionSection(action, one, page)),
    ...holderSection(one, page),
    ...restOf(one, page),
  ]);
  const all = isOne ? parts : [headline(keyVerdictSigns[verdict], answer), ...parts];
  return `${[...all, ...plannedSections(report, page), ...ending(report, page)].join('\n\n')}\n`;
}

function placeLine(
  { region, account, state, manager, origin, keyAlias, key }: ReportedKeyImpact,
  page: ReportStyle,
): string {
  const of = manager === 'AWS' ? 'AWS managed' : manager === 'CUSTOMER' ? 'customer managed' : 'manager not read';
  const parts = [
    region,
    `account ${account}`,
    state ?? 'state not read',
    of,
    ...(origin === null || origin === 'AWS_KMS' ? [] : [`origin ${origin}`]),
    ...(keyAlias === null ? [] : [shortName(key)]),
  ];
  return page.paint.faint(wrap(parts.join(', '), page.width, '  '));
}

const indent = '    ';

/**
 * Whether the action has a section. An action that KMS refuses in every state is a note if there
 * are other actions. Otherwise it is in the headline.
 */
function isShown({ verdict }: ReportedActionImpact, page: ReportStyle): boolean {
  return page.verbose || verdict !== null;
}

/** While a key waits for its deletion, the same things are unusable as while it is disabled. */
function actionSection(action: ReportedActionImpact, key: ReportedKeyImpact, page: ReportStyle): string {
  const { effects, refused, verdict, api, says, inTheEnd } = action;
  const title = `${action.title} (kms:${api}): ${verdict ?? 'does not apply'}`;
  const disabled = key.actions.find((one) => one.action === 'disable' && one.verdict === 'breaks');
  const isSaid = !page.verbose && disabled !== undefined && disabled !== action && action.action !== 'policy';
  const refusal = refused === null ? [] : [wrap(sentence(refused.text), page.width, '  ')];
  if (verdict === null) return section(title, refusal, page);
  const end = inTheEnd === null ? '' : ` ${inTheEnd.text}`;
  const lines = isSaid
    ? [marked(page, bad, `At once: as if the key were disabled, see above.${end}`)]
    : action.action === 'policy' && !page.verbose && effects.every(({ loss }) => isOfPolicy(loss.code))
      ? policyLines(action, key, page)
      : merged(effects).map((group) => effectLines(group, { sign: signOf(action, group), page }));
  const undoLast = inTheEnd === null ? [] : [wrap(inTheEnd.undo, page.width, indent)];
  const last = isSaid || inTheEnd === null ? undoLast : [marked(page, bad, inTheEnd.text), ...undoLast];
  const sign = keyVerdictSigns[verdict];
  const shown =
    action.change === null && (effects.length === 0 || verdict === 'cannot tell')
      ? [marked(page, sign, sentence(says))]
      : [];
  return section(title, [...refusal, ...shown, ...changeLines(action, page), ...lines, ...last], page);
}

/**
 * Whether an effect concerns every resource because of a new policy that leaves RDS's grants alone.
 */
function isOfPolicy(code: string): boolean {
  return code === 'keeps-its-grant' || code === 'needs-the-new-policy';
}

const effectSigns: ReadonlyMap<string, Sign> = new Map([
  ['policy-takes-operations', bad],
  ['policy-stops-grants', bad],
  ['policy-locks-out', bad],
  ['policy-gives-operations', notable],
  ['policy-admits-outsider', contrary],
]);

/** Who loses and who gains what under a new policy. */
function changeLines({ change }: ReportedActionImpact, page: ReportStyle): readonly string[] {
  const says = change?.says ?? [];
  const shown = page.listAll ? says : says.slice(0, mostLines).concat(says.slice(mostLines).slice(-1));
  const more = says.length - shown.length;
  return [
    ...shown.map(({ code, text }) => marked(page, effectSigns.get(code) ?? doubtful, text)),
    ...(more === 0 ? [] : [`    And ${more} more: --list-all`]),
  ];
}

/**
 * Running resources, and those that need the policy for each use, on one line each. If there are
 * other actions, these lines are shown only for a known policy.
 */
function policyLines(
  { effects, change }: ReportedActionImpact,
  { actions }: ReportedKeyImpact,
  page: ReportStyle,
): readonly string[] {
  if (change === null && actions.length > 1) return [];
  const of = (code: string): readonly string[] =>
    effects.flatMap(({ loss, subject }) => (loss.code === code ? [subject] : []));
  const running = of('keeps-its-grant');
  const asking = of('needs-the-new-policy');
  return [
    ...(running.length === 0 ? [] : [marked(page, doubtful, `Running resources keep their grants: ${list(running)}.`)]),
    ...(asking.length === 0 ? [] : [marked(page, doubtful, `Each new use needs the new policy: ${list(asking)}.`)]),
  ];
}

function marked(page: ReportStyle, sign: Sign, text: string): string {
  return `  ${signed(page, sign, wrap(text, page.width, indent).trimStart())}`;
}

/** Effects with the same undo are grouped. */
function merged(effects: readonly ReportedEffect[]): readonly (readonly [ReportedEffect, ...ReportedEffect[]])[] {
  const groups: [ReportedEffect, ...ReportedEffect[]][] = [];
  for (const effect of effects) {
    const known = groups.find(([first]) => first.undo === effect.undo && first.rank === effect.rank);
    if (known === undefined) groups.push([effect]);
    else known.push(effect);
  }
  return groups;
}

/** The sign of effects. They are doubtful if it is unknown whether RDS loses the key. */
function signOf({ change }: ReportedActionImpact, [{ loss }]: readonly [ReportedEffect, ...ReportedEffect[]]): Sign {
  const isOpen = change?.says.some(({ code }) => code === 'policy-may-stop-grants') === true;
  return isOpen || isOfPolicy(loss.code) ? doubtful : bad;
}

function effectLines(
  group: readonly [ReportedEffect, ...ReportedEffect[]],
  { sign, page }: { readonly sign: Sign; readonly page: ReportStyle },
): string {
  const [{ undo, keyUndo }] = group;
  const undone = keyUndo === 'put-policy-again' ? '' : undo;
  const [isOne, isApart] = [group.length === 1, group.length > 1 && undone !== ''];
  return [
    ...group.map(({ loss }) =>
      marked(page, sign, `${sentence(withoutStop(loss.text))}${isOne && undone !== '' ? ` ${undone}` : ''}`),
    ),
    ...(isApart ? [wrap(undone, page.width, indent)] : []),
    ...(page.verbose
      ? group.map(({ basis, source, dependents }) =>
          wrap(
            `${dependents.map(({ arn, field }) => `${arn} (${field})`).join(', ')}: ${basis}, ${source.path}`,
            page.width,
            `${indent}  `,
          ),
        )
      : []),
  ].join('\n');
}

interface People {
  readonly can: readonly string[];
  readonly may: readonly string[];
  readonly nobody?: string;
}

/** Who could do it, on one line for each call. */
function holderSection(
  { account, actions, principalsNotRead }: ReportedKeyImpact,
  page: ReportStyle,
): readonly string[] {
  const all = [...new Map(actions.flatMap(({ holders }) => holders).map((one) => [one.action, one])).values()];
  if (all.length === 0) return [];
  const nobody = principalsNotRead.length === 0 ? 'nobody' : 'nobody who was read';
  const lines = (holders: typeof all, before: string): readonly string[] =>
    [...groupBy(holders, (one) => peopleIn({ ...one, nobody }, account, page))].map(([people, ones]) =>
      wrap(`${before}${list(ones.map(({ action }) => action))}: ${people}`, page.width, '  '),
    );
  const givers = [...new Set(actions.flatMap(({ selfGivers: { can } }) => can))];
  const perhaps = [...new Set(actions.flatMap(({ selfGivers: { may } }) => may))].filter(
    (arn) => !givers.includes(arn),
  );
  const folded =
    givers.length + perhaps.length === 0
      ? []
      : [
          wrap(
            `Could give themselves such a permission: ${peopleIn({ can: givers, may: perhaps }, account, page)}`,
            page.width,
            '  ',
          ),
        ];
  return [
    section(
      'Who could do this',
      [
        ...lines(
          all.filter(({ isUndo }) => !isUndo),
          '',
        ),
        ...folded,
        ...lines(
          all.filter(({ isUndo }) => isUndo),
          'Undo: ',
        ),
      ],
      page,
    ),
  ];
}

function peopleIn({ can, may, nobody = 'nobody' }: People, home: string, page: ReportStyle): string {
  const most = page.listAll ? Number.POSITIVE_INFINITY : 3;
  const parts = [
    ...(can.length === 0 ? [] : [namesText(can, home, most)]),
    ...(may.length === 0 ? [] : [`perhaps ${namesText(may, home, most)}`]),
  ];
  return parts.length === 0 ? nobody : parts.join('; ');
}

/** The most lines of each kind to show, unless the user asks for all. */
const mostLines = 5;

function restOf(key: ReportedKeyImpact, page: ReportStyle): readonly string[] {
  const { actions, notes, pointers, notRead, principalsNotRead } = key;
  const folded = actions
    .filter((action) => !isShown(action, page) && actions.some(({ verdict }) => verdict !== null))
    .map(({ action, refused }) => ({ text: `--action ${action}: ${refused?.text ?? ''}` }));
  const titled = [
    { title: 'Notes', of: [...folded, ...notes] },
    { title: 'Possible use elsewhere', of: pointers },
    { title: 'Not read', of: [...notRead, ...principalsNotRead] },
  ];
  return titled.flatMap(({ title, of }) => {
    const shown = page.listAll || page.verbose ? of : of.slice(0, mostLines);
    const more = of.length - shown.length;
    const lines = [
      ...shown.map(({ text }) => wrap(sentence(withoutStop(text)), page.width, '  ')),
      ...(more === 0 ? [] : [`  And ${more} more: --list-all`]),
    ];
    return lines.length === 0 ? [] : [section(title, lines, page)];
  });
}

/** What the plans do to the keys, why the answer is open, and how much of the plans counts. */
function plannedSections({ planned = [], doubts = [], plans }: KeyImpactReport, page: ReportStyle): readonly string[] {
  const titled = [
    { title: 'Planned', of: planned },
    { title: 'Not certain', of: doubts },
  ];
  return [
    ...titled.flatMap(({ title, of }) =>
      of.length === 0
        ? []
        : [
            section(
              title,
              of.map(({ text }) => wrap(text, page.width, '  ')),
              page,
            ),
          ],
    ),
    ...planSections(plans, page),
  ];
}

function ending({ notLookedAt, warnings, keys, assumed = [] }: KeyImpactReport, page: ReportStyle): readonly string[] {
  const more = keys.some(({ dependents }) => dependents > 0) && !page.verbose ? ' Every resource: --verbose' : '';
  return [
    ...(assumed.length === 0
      ? []
      : [
          section(
            'Hypothetical',
            assumed.map(({ text }) => wrap(sentence(withoutStop(text)), page.width, '  ')),
            page,
          ),
        ]),
    ...warnings.map(({ text }) => wrap(sentence(withoutStop(text)), page.width, '')),
    wrap(`Not looked at: ${notLookedAt.join('; ')}.${more}`, page.width, ''),
  ];
}
