/** The environment variables that the program or its AWS SDK reads, in the order of help. */
const variables: readonly (readonly [name: string, does: string])[] = [
  ['NO_COLOR', 'no colors (nor with TERM=dumb)'],
  ['FORCE_COLOR', 'colors in pipes too (or CLICOLOR_FORCE)'],
  ['COLUMNS', 'wrap text at this width, in pipes too'],
  ['AWS_PROFILE', 'profile of the AWS configuration'],
  ['AWS_REGION', 'Region (or AWS_DEFAULT_REGION)'],
  ['AWS_ACCESS_KEY_ID', 'credentials (and AWS_SECRET_ACCESS_KEY ...)'],
  ['AWS_CONFIG_FILE', 'file of profiles (and AWS_SHARED_CREDENTIALS_FILE)'],
  ['AWS_ENDPOINT_URL', 'endpoint to call instead of AWS'],
  ['AWS_MAX_ATTEMPTS', 'attempts for each call (and AWS_RETRY_MODE)'],
  ['XDG_CACHE_HOME', 'folder for the cache of compiled code'],
  ['NODE_DISABLE_COMPILE_CACHE', '1: no cache of compiled code'],
];

const nameWidth = Math.max(...variables.map(([name]) => name.length));

/** For `--help`. */
export const environmentHelp = `Environment variables:
${variables.map(([name, does]) => `  ${name.padEnd(nameWidth)}  ${does}`).join('\n')}`;
