/*
 * src/cli/options/ the options that commands share, and how their values are read.
 */

import { InvalidArgumentError } from 'commander';
import { parsePrincipalArn } from '../../base/principal-arn.ts';
import { regionComplaint } from '../../operations/parameters.ts';

/** Collects the values of an option that may be repeated. */
export function more(path: string, before: readonly string[] = []): readonly string[] {
  return [...before, path];
}

/** The value of --region. */
export function regionName(text: string): string {
  const complaint = regionComplaint(text);
  if (complaint === undefined) return text;
  throw new InvalidArgumentError(complaint);
}

/** A value of --region, where it may be repeated. */
export function regionNamed(text: string, before: readonly string[] = []): readonly string[] {
  return more(regionName(text), before);
}

/** A value of --role-arn, which may be repeated. */
export function roleArnValue(text: string, before: readonly string[] = []): readonly string[] {
  if (parsePrincipalArn(text)?.type === 'role') return more(text, before);
  throw new InvalidArgumentError('Give the ARN of a role, such as arn:aws:iam::444455556666:role/reader.');
}
