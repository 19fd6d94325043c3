/*
 * Condition keys by name. Whether a key is multivalued is a property of the key, not of the request (iam-evaluation 3.12).
 */

/** iam-evaluation 3.12, lower case. */
const multivalued = new Set([
  'kms:encryptioncontextkeys',
  'kms:grantoperations',
  'kms:resourcealiases',
  'aws:tagkeys',
  'aws:calledvia',
  'aws:principalservicenameslist',
  'aws:principalorgpaths',
  'aws:resourceorgpaths',
  'aws:sourceorgpaths',
  'aws:vpceorgpaths',
]);

/** `keyId`: lower-case name of the key. */
export function isMultivalued(keyId: string): boolean {
  return multivalued.has(keyId);
}

/** Keys that only IAM policies can test; in a key policy they are not supported (iam-evaluation 6.41, 6.42). */
export function isForIamPoliciesOnly(keyId: string): boolean {
  return keyId.startsWith('aws:resourcetag/') || keyId === 'kms:resourcealiases';
}
