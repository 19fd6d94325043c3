/*
 * IP addresses and ranges as AWS reads them, which differs from the usual rules in details
 * (iam-evaluation 14.10).
 */

/** Four bytes or sixteen. */
export type Address = readonly number[];

export interface AddressRange {
  readonly address: Address;
  /** How many leading bits count. */
  readonly bits: number;
}

/**
 * Reads the address of a request. An IPv4 address that is mapped into IPv6 counts as the IPv4
 * address. Undefined: the text is not an address.
 */
export function readAddress(text: string): Address | undefined {
  if (!text.includes(':')) return ipv4(text);
  const address = ipv6(text);
  return address !== undefined && isMapped(address) ? address.slice(12) : address;
}

/**
 * Reads the range of a policy, or its single address. Undefined: AWS does not read the text as a
 * range, such as an IPv6 address with dots.
 */
export function readRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const address = host.includes(':') ? (host.includes('.') ? undefined : ipv6(host)) : ipv4(host);
  if (address === undefined) return undefined;
  const most = address.length * 8;
  if (slash < 0) return { address, bits: most };
  const length = text.slice(slash + 1);
  return /^\+?\d+$/.test(length) && Number(length) <= most ? { address, bits: Number(length) } : undefined;
}

/**
 * An IPv6 range with bits set beyond its prefix matches nothing. In an IPv4 range, such bits are
 * ignored.
 */
export function isEmptyRange({ address, bits }: AddressRange): boolean {
  return address.length === 16 && address.some((byte, index) => (byte & ~mask(bits - index * 8)) !== 0);
}

export function contains({ address, bits }: AddressRange, other: Address): boolean {
  return (
    address.length === other.length &&
    address.every((byte, index) => {
      const counts = mask(bits - index * 8);
      return (byte & counts) === ((other[index] ?? 0) & counts);
    })
  );
}

/** The first and last address of a range, and the addresses just outside. */
export function edgesOf({ address, bits }: AddressRange): readonly Address[] {
  const first = address.map((byte, index) => byte & mask(bits - index * 8));
  const last = address.map((byte, index) => byte | (255 - mask(bits - index * 8)));
  return [first, last, stepped(first, -1), stepped(last, 1)].filter((one) => one !== undefined);
}

/** The text that `readAddress` reads back. The longest run of zero groups becomes `::`. */
export function writeAddress(address: Address): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((address[2 * index] ?? 0) << 8) | (address[2 * index + 1] ?? 0)).toString(16),
  );
  let [start, length] = [0, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (groups[to] === '0') to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  if (length === 1) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** A part with leading zeros is decimal, not octal. */
function ipv4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/**
 * Besides the usual forms, AWS accepts a colon at the end, an empty first group as zero, and an
 * empty group beside `::`. AWS accepts dots only in a mapped address.
 */
function ipv6(text: string): Address | undefined {
  const dotted = text.includes('.') ? dottedTail(text) : { text, isMapped: false };
  if (dotted === undefined) return undefined;
  const groups = groupsOf(dotted.text);
  if (groups === undefined || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const bytes = groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return dotted.isMapped && !isMapped(bytes) ? undefined : bytes;
}

/** Writes the part with dots as two groups. */
function dottedTail(text: string): { readonly text: string; readonly isMapped: true } | undefined {
  const start = text.lastIndexOf(':') + 1;
  const [a = 0, b = 0, c = 0, d = 0] = ipv4(text.slice(start)) ?? [-1];
  if (a < 0) return undefined;
  const groups = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16));
  return { text: text.slice(0, start) + groups.join(':'), isMapped: true };
}

/** Eight groups, with zeros for `::`. */
function groupsOf(text: string): readonly string[] | undefined {
  const whole = text.startsWith(':') && !text.startsWith('::') ? `0${text}` : text;
  const gap = whole.indexOf('::');
  if (gap < 0) {
    const groups = whole.replace(/:$/, '').split(':');
    return groups.length === 8 ? groups : undefined;
  }
  const rest = whole.slice(gap + 2);
  if (rest.includes('::')) return undefined;
  const parts = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
  const before = parts(whole.slice(0, gap));
  const after = parts(rest.replace(/^:|:$/g, ''));
  const zeros = 8 - before.length - after.length;
  return zeros < 1 ? undefined : [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
}

function isMapped(address: Address): boolean {
  return address.length === 16 && address.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 255));
}

/** A byte whose first `bits` bits are set. */
function mask(bits: number): number {
  return bits >= 8 ? 255 : bits <= 0 ? 0 : 256 - 2 ** (8 - bits);
}

/** The next or previous address. Undefined: there is none. */
function stepped(address: Address, by: 1 | -1): Address | undefined {
  const out = [...address];
  for (let index = out.length - 1; index >= 0; index--) {
    const next = (out[index] ?? 0) + by;
    if (next >= 0 && next <= 255) {
      out[index] = next;
      return out;
    }
    out[index] = by === 1 ? 0 : 255;
  }
  return undefined;
}
