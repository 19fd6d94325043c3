import { counted } from '../base/wording.ts';
import type { Operation } from '../operations/operation.ts';
import { type Style, wrap } from './style.ts';

/** One line for each operation. The catalog is our own, so its texts are already harmless. */
export function drawOperationList(operations: readonly Operation[], { width }: Pick<Style, 'width'>): string {
  const name = Math.max(...operations.map((operation) => commandWords(operation).length));
  const lines = operations
    .map((operation) => {
      const { api, does } = operation;
      const head = `  ${commandWords(operation).padEnd(name)}  `;
      return `${head}${wrap(`${does} (${api})`, width, ' '.repeat(head.length)).trimStart()}\n`;
    })
    .join('');
  const count = `${counted(operations.length, 'operation')} can be checked`;
  return `${count}\n\n${lines}\nCalls and preconditions of one operation: aurora-kms-check operations NAME\n`;
}

/** The command, with the flag that names the source. */
export function commandWords({
  command,
  reads,
}: Pick<Operation, 'command'> & { readonly reads?: { readonly flag: string } }): string {
  return reads === undefined ? command : `${command} --${reads.flag}`;
}
