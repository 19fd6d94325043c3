/*
 * The style of a page. Each color is a pair for light and dark. With `color-scheme` alone, tools
 * that measure contrast would find a white canvas.
 */

export const pageStyle = `
:root {
  color-scheme: light dark;
  --canvas: light-dark(#ffffff, #14181d);
  --card: light-dark(#f5f7f9, #1d232a);
  --text: light-dark(#1a2027, #e6eaee);
  --faint: light-dark(#55606c, #a3afbb);
  --line: light-dark(#d5dbe1, #39424c);
  --link: light-dark(#0a58a8, #7cb8f5);
  --bad: light-dark(#a8121f, #ff9b9b);
  --bad-card: light-dark(#fdecec, #3a1d20);
  --doubtful: light-dark(#7a4b00, #f3c168);
  --doubtful-card: light-dark(#fdf3df, #352a14);
  --good: light-dark(#14642d, #86d8a0);
  --good-card: light-dark(#e7f5eb, #16301f);
  background: var(--canvas);
  color: var(--text);
  font: 16px/1.5 system-ui, sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0.25rem 0 0.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.75rem; }
p, ul, dl { margin: 0.5rem 0; }
a { color: var(--link); }
.faint { color: var(--faint); }
.bad { color: var(--bad); }
.doubtful { color: var(--doubtful); }
.good { color: var(--good); }
.banner { border-left: 0.4rem solid var(--line); border-radius: 0.25rem; background: var(--card); padding: 1rem 1.25rem; }
.banner.bad { border-color: var(--bad); background: var(--bad-card); color: var(--text); }
.banner.doubtful { border-color: var(--doubtful); background: var(--doubtful-card); color: var(--text); }
.banner.good { border-color: var(--good); background: var(--good-card); color: var(--text); }
.banner p { margin: 0.25rem 0; }
.callout { border: 2px solid var(--bad); border-radius: 0.25rem; background: var(--canvas); padding: 0.5rem 0.9rem; margin: 0.75rem 0; overflow-wrap: anywhere; }
.callout strong { display: block; color: var(--bad); }
.date { white-space: nowrap; }
.counts { display: flex; flex-wrap: wrap; gap: 0.75rem; list-style: none; padding: 0; margin: 1rem 0; }
.counts li { background: var(--card); border-radius: 0.25rem; padding: 0.5rem 1rem; min-width: 8rem; }
.counts strong { display: block; font-size: 1.6rem; line-height: 1.2; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: 0.25rem; margin: 0.4rem 0; padding: 0.5rem 0.75rem; overflow-wrap: anywhere; }
summary { cursor: pointer; }
details ul { margin: 0.5rem 0 0.25rem; padding-left: 1.5rem; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 0.25rem; padding: 0 0.4rem; margin-right: 0.4rem; font-size: 0.85rem; font-weight: 600; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.25rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
caption { text-align: left; color: var(--faint); padding: 0.25rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { color: var(--faint); font-weight: 600; overflow-wrap: normal; }
tbody th { font-weight: 400; }
td p { margin: 0 0 0.25rem; color: var(--text); }
td p:first-child { color: inherit; }
.answers th, .answers td { min-width: 7rem; }
.answers th:first-child, .answers td:first-child:not(.short) { min-width: 12rem; }
.answers .short { white-space: nowrap; min-width: 0; }
.matrix { width: auto; border-collapse: separate; border-spacing: 0; }
.matrix td { white-space: nowrap; }
.matrix thead th { min-width: 7rem; max-width: 20rem; }
.matrix tbody th { min-width: 13rem; max-width: 20rem; }
.matrix th:first-child { position: sticky; left: 0; background: var(--canvas); border-right: 2px solid var(--line); }
.matrix details { border: 0; margin: 0; padding: 0; }
.controls { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: end; margin: 0.75rem 0; }
.controls[hidden], .hint[hidden], details[hidden] { display: none; }
label { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.15rem; font-size: 0.9rem; color: var(--faint); max-width: 100%; }
label:has(input) { flex: 0 1 24rem; }
input, select, button { font: inherit; color: inherit; background: var(--canvas); border: 1px solid var(--faint); border-radius: 0.25rem; padding: 0.3rem 0.6rem; max-width: 100%; }
input, select { color: var(--text); }
input { width: 100%; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
@media (min-width: 40rem) {
  #accounts th { white-space: nowrap; }
}
@media (max-width: 40rem) {
  body { padding: 0.5rem 0.5rem 3rem; }
  h1 { font-size: 1.1rem; }
  h2 { font-size: 1.05rem; margin: 1.25rem 0 0.5rem; }
  .banner { padding: 0.5rem 0.75rem; }
  .callout { padding: 0.4rem 0.6rem; }
  .counts { gap: 0.3rem; margin: 0.5rem 0; }
  .counts li { padding: 0.1rem 0.5rem; min-width: 0; font-size: 0.9rem; }
  .counts strong { display: inline; font-size: 1rem; }
  .controls { gap: 0.4rem; }
  label { flex: 1 1 7rem; }
  label:has(input) { flex: 1 0 100%; }
  label, input, select { font-size: 0.85rem; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 0.35rem; }
}
@media (max-width: 80rem) {
  .answers th, .answers td { min-width: 5rem; }
  .answers th:first-child, .answers td:first-child:not(.short) { min-width: 8rem; }
}
@media screen and (max-width: 60rem) {
  .answers thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .answers tr { display: block; border-bottom: 1px solid var(--line); padding: 0.4rem 0; }
  .answers td, .answers td:first-child:not(.short) { display: block; border: 0; padding: 0.1rem 0; min-width: 0; }
  .answers td:empty { display: none; }
  .answers td::before { content: attr(data-label) ": "; color: var(--faint); }
  .answers td p:first-child { display: inline; }
}
@media (max-width: 40rem), print {
  .matrix thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .matrix, .matrix tbody, .matrix caption { display: block; width: 100%; }
  .matrix tr { display: block; border-bottom: 1px solid var(--line); padding: 0.4rem 0; }
  .matrix td { display: inline-block; border: 0; padding: 0.1rem 0; margin-right: 1rem; white-space: normal; }
  .matrix td::before { content: attr(data-label) ": "; color: var(--faint); }
  .matrix tbody th { display: block; position: static; border: 0; padding: 0; font-weight: 600; min-width: 0; max-width: none; }
  .hint { display: none; }
  .scroll { border: 0; overflow: visible; }
}
@media print {
  :root { color-scheme: light; font-size: 11px; }
  body { max-width: none; padding: 0; }
  .controls { display: none !important; }
  tr, .counts li, .callout { break-inside: avoid; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
}
`;
