import type { Operation } from '../operations/operation.ts';
import { type Style, wrap } from './style.ts';

/** A line for each operation. The catalogue is our own: nothing in it has to be made harmless. */
export function drawOperationList(operations: readonly Operation[], { width }: Pick<Style, 'width'>): string {
  const name = Math.max(...operations.map((operation) => commandWords(operation).length));
  const lines = operations
    .map((operation) => {
      const { api, does } = operation;
      const head = `  ${commandWords(operation).padEnd(name)}  `;
      return `${head}${wrap(`${does} (${api})`, width, ' '.repeat(head.length)).trimStart()}\n`;
    })
    .join('');
  const count = `${operations.length} operations can be checked`;
  return `${count}\n\n${lines}\nCalls and preconditions of one operation: aurora-kms-check operations NAME\n`;
}

/** The command, with the flag that names what the operation reads. */
export function commandWords({
  command,
  reads,
}: Pick<Operation, 'command'> & { readonly reads?: { readonly flag: string } }): string {
  return reads === undefined ? command : `${command} --${reads.flag}`;
}
