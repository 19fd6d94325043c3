/*
 * Escapes texts for the formats of CI systems. The texts are already harmless (harmless.ts): they
 * contain no line breaks or control characters.
 */

/** Characters that XML 1.0 cannot contain, not even as a reference. */
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

/** A text as the content of an element. There is no CDATA, so `]]>` ends nothing. */
export function xmlText(text: string): string {
  return text.replaceAll(notXml, '\ufffd').replaceAll(/[&<>\r]/g, (sign) => xmlSigns[sign] ?? '');
}

/**
 * A text in a cell of a Markdown table, in which no character formats, links, mentions or is HTML.
 * GitHub looks for names and numbers after it has read the Markdown, so `@` and `#` are followed by
 * a zero-width space.
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

/** A text that is cut to a maximum number of characters. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // Does not leave half of a surrogate pair.
  return `${text.slice(0, most - shortenedBy.length).replace(/[\ud800-\udbff]$/, '')}${shortenedBy}`;
}
