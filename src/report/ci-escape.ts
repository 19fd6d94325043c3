/*
 * Texts in the formats of CI systems. The texts are harmless already (harmless.ts): they have no
 * line breaks and no control characters of their own.
 */

/** What XML 1.0 cannot hold, not even as a reference. */
const notXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const xmlSigns: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** A text as the value of an attribute. */
export function xmlAttribute(text: string): string {
  return text.replaceAll(notXml, '\ufffd').replaceAll(/[&<>"'\t\n\r]/g, (sign) => xmlSigns[sign] ?? '');
}

/** A text as the content of an element; no CDATA, so that `]]>` ends nothing. */
export function xmlText(text: string): string {
  return text.replaceAll(notXml, '\ufffd').replaceAll(/[&<>\r]/g, (sign) => xmlSigns[sign] ?? '');
}

/**
 * A text in a cell of a Markdown table: no sign in it formats, links, mentions or is HTML. GitHub
 * finds names and numbers after it has read the Markdown, so that `@` and `#` get a space without
 * width behind them.
 */
export function markdownCell(text: string): string {
  return text
    .replaceAll(/[&<>"'\\`*_{}[\]()!|~$^=]|[@#]|:\/\/|www\./gi, (found) =>
      found === '@' || found === '#'
        ? `${entity(found)}&#8203;`
        : found.length === 1
          ? entity(found)
          : `${found.slice(0, -1)}${entity(found.slice(-1))}`,
    )
    .replaceAll(/[\r\n]+/g, '<br>');
}

function entity(sign: string): string {
  return `&#${sign.charCodeAt(0)};`;
}

const shortenedBy = '…';

/** A text, cut to a maximum number of characters. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // No half of a pair is left.
  return `${text.slice(0, most - shortenedBy.length).replace(/[\ud800-\udbff]$/, '')}${shortenedBy}`;
}
