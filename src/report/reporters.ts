import type { Report } from '../contract/report.ts';
import { json } from './json.ts';
import type { ReportStyle } from './style.ts';
import { text } from './text.ts';

export type Reporter = (report: Report, style: ReportStyle) => string;

/** The output formats by name. */
export const reporters = { text, json } as const satisfies Record<string, Reporter>;

export type Format = keyof typeof reporters;
