/** By which a page of an earlier run is known. */
export const pageMark = '<meta name="generator" content="aurora-kms-check">';

/** The names of the files of a folder of pages. */
export const pageNames = /^(?:index|account-[\w-]+)\.html$/;
