/**
 * One attack of the demonstration: what was tried, and what refused it.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

/** A thing that was tried once. */
export interface Trial {
  readonly tried: string;
  /** The component that had to refuse. */
  readonly by: string;
  /** The code it had to refuse with. */
  readonly expected: string;
  /** The code it did refuse with, null when it did not refuse. */
  readonly code: string | null;
  readonly detail: string;
}

export interface AttackReport {
  readonly id: 'a' | 'b' | 'c' | 'd' | 'e' | 'f';
  readonly title: string;
  /** Every trial was refused, by the right component, for the right reason. */
  readonly refused: boolean;
  readonly trials: readonly Trial[];
}

export function report(
  id: AttackReport['id'],
  title: string,
  trials: readonly Trial[],
): AttackReport {
  const refused = trials.length > 0 && trials.every((trial) => trial.code === trial.expected);
  return { id, title, refused, trials };
}

/** Runs something that must throw a coded error; anything else is no refusal. */
export async function mustThrow(
  trial: Pick<Trial, 'tried' | 'by' | 'expected'>,
  attempt: () => Promise<unknown>,
): Promise<Trial> {
  try {
    await attempt();
    return { ...trial, code: null, detail: 'it was accepted' };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error; // the attack could not be carried out
    return { ...trial, code: error.code, detail: error.message };
  }
}
