/*
 * The script of a page, which filters the findings and the rows. The page can be read without it.
 * The rows are data, and only 200 at a time become elements, because a browser needs 14 seconds for
 * 100,000 elements.
 */

/** How many rows are in the page itself, and how many each click adds. */
export const rowsAtOnce = 200;

export const pageScript = `
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const body = document.getElementById('rows');
const shownCount = document.getElementById('shown-count');
const more = document.getElementById('more');
const filter = document.getElementById('filter');
const choices = [...document.querySelectorAll('select[data-column]')];
const findings = [...document.querySelectorAll('#findings .finding')];
const groups = [...document.querySelectorAll('#findings .group')];
const opened = new Set(groups.filter(({ open }) => open));
const wide = [...document.querySelectorAll('.scroll')];
let matching = data.rows;
let shown = body === null ? 0 : body.rows.length;

function add(count) {
  const fragment = document.createDocumentFragment();
  for (const cells of matching.slice(shown, shown + count)) {
    const line = document.createElement('tr');
    cells.forEach((at, column) => {
      const cell = document.createElement('td');
      cell.textContent = data.texts[at];
      cell.dataset.label = data.columns[column].name;
      if (data.columns[column].isShort) cell.classList.add('short');
      if (Object.hasOwn(data.colors, data.texts[at])) cell.classList.add(...data.colors[data.texts[at]]);
      line.append(cell);
    });
    fragment.append(line);
  }
  shown = Math.min(matching.length, shown + count);
  body.append(fragment);
  tell();
}

function tell() {
  shownCount.textContent = matching.length === 0
    ? 'No answer matches the filter.'
    : 'Showing ' + shown.toLocaleString('en') + ' of ' + matching.length.toLocaleString('en') + (matching.length === 1 ? ' answer.' : ' answers.');
  more.hidden = shown >= matching.length;
}

function apply() {
  const wanted = filter.value.trim().toLowerCase().replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '');
  for (const finding of findings)
    finding.hidden = wanted !== '' && !finding.textContent.toLowerCase().includes(wanted);
  for (const group of groups) {
    group.hidden = group.querySelector('.finding:not([hidden])') === null;
    group.open = wanted === '' ? opened.has(group) : !group.hidden;
  }
  if (body === null) return;
  const found = wanted === '' ? undefined : new Set(data.texts.flatMap((text, at) => (text.toLowerCase().includes(wanted) ? [at] : [])));
  const chosen = choices.filter(({ value }) => value !== '').map(({ value, dataset }) => [Number(dataset.column), data.texts.indexOf(value)]);
  matching = data.rows.filter((cells) =>
    (found === undefined || cells.some((at) => found.has(at))) && chosen.every(([column, at]) => cells[column] === at));
  body.replaceChildren();
  shown = 0;
  add(${rowsAtOnce});
}

function hint() {
  for (const region of wide) region.previousElementSibling.hidden = region.scrollWidth <= region.clientWidth;
}

for (const one of document.querySelectorAll('.controls')) one.hidden = false;
hint();
addEventListener('resize', hint);
if (filter !== null) filter.addEventListener('input', apply);
for (const choice of choices) choice.addEventListener('change', apply);
if (more !== null) {
  more.addEventListener('click', () => add(${rowsAtOnce}));
  tell();
}
addEventListener('beforeprint', () => {
  for (const one of document.querySelectorAll('details')) one.open = true;
});
`;
