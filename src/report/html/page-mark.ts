/** Identifies a page of an earlier run. */
export const pageMark = '<meta name="generator" content="aurora-kms-check">';

/** The file names in a folder of pages. */
export const pageNames = /^(?:index|account-[\w-]+)\.html$/;
