export function withQuickCopies(code: string): string;
