/**
 * What a template does, as a tree: for judging how much work it is, not for running it.
 *
 * @module
 */
import type { Expression } from './template-expression.ts';

export type Statement =
  /** Expressions that are evaluated, and a text that is written. */
  | { readonly kind: 'evaluate'; readonly values: readonly Expression[] }
  | { readonly kind: 'assign'; readonly targets: readonly string[]; readonly value: Expression }
  | Block;

/** A tag with a body; `branches` are what `else` and `elif` part it into. */
export interface Block {
  readonly kind: 'loop' | 'macro' | 'choice' | 'group' | 'capture' | 'call';
  /** What a loop or capture assigns, what a macro calls its parameters. */
  readonly targets: readonly string[];
  /** Name of a macro; `loop` of a loop that may call itself. */
  readonly name: string;
  /** What the tag evaluates: the sequence of a loop, conditions, the call of a call block. */
  readonly values: Expression[];
  readonly branches: Statement[][];
}

/** A block without content. */
export function block(kind: Block['kind'], parts: Partial<Omit<Block, 'kind'>> = {}): Block {
  return { kind, targets: [], name: '', values: [], branches: [[]], ...parts };
}

/** All statements of all branches. */
export function bodyOf(of: Block): readonly Statement[] {
  return of.branches.flat();
}
