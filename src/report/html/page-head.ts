import { xmlAttribute, xmlText } from '../ci-escape.ts';
import { pageMark } from './page-mark.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/**
 * A page in one file. The Content-Security-Policy in its head lets nothing load, and lets only the
 * style and the script of this package run, so HTML in a name does nothing. `body`: lines of HTML.
 */
export function pageOf(title: string, body: readonly string[]): string {
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(pageStyle)}`,
    `script-src ${hashOf(pageScript)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${xmlAttribute(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    pageMark,
    `<title>${xmlText(title)}</title>`,
    `<style>${pageStyle}</style>`,
    '</head>',
    '<body>',
    ...body,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function hashOf(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
