/**
 * What an attack is, and how its trials are judged.
 *
 * Three outcomes: refused as expected, accepted, and error. An attack that could not be carried out
 * shows nothing and is an error, never a refusal.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

import type { ExitCode } from '../context.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { Laboratory } from './laboratory.ts';

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

export interface Attack {
  readonly id: 'a' | 'b' | 'c' | 'd' | 'e' | 'f';
  readonly title: string;
  /** Tries everything the attack consists of. Throws when it could not be carried out. */
  readonly carryOut: (laboratory: Laboratory) => Promise<readonly Trial[]>;
}

export interface AttackReport {
  readonly id: Attack['id'];
  readonly title: string;
  /** `refused`: every trial, by the right component, for the right reason. */
  readonly outcome: 'refused' | 'accepted' | 'error';
  readonly trials: readonly Trial[];
  /** Why it could not be carried out, null when it was. */
  readonly problem: string | null;
}

/** Carries one attack out and judges it; never throws. */
export async function attempt(
  { id, title, carryOut }: Attack,
  laboratory: Laboratory,
): Promise<AttackReport> {
  try {
    const trials = await carryOut(laboratory);
    if (trials.length === 0) throw new Error('nothing was tried');
    const outcome = trials.every(isRefused) ? 'refused' : 'accepted';
    return { id, title, outcome, trials, problem: null };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { id, title, outcome: 'error', trials: [], problem };
  }
}

/** Refused with another code is not refused: something else stood in the way by chance. */
export function isRefused(trial: Trial): boolean {
  return trial.code === trial.expected;
}

/** 0 when everything that was planned was refused, 2 when something could not be carried out. */
export function exitCodeOfReports(reports: readonly AttackReport[], planned: number): ExitCode {
  if (reports.length !== planned || reports.some(({ outcome }) => outcome === 'error')) return 2;
  return reports.every(({ outcome }) => outcome === 'refused') ? 0 : 1;
}

/**
 * Runs something that must throw the expected code.
 *
 * Another judgement is reported as that; what kept the attack from being judged is thrown on.
 */
export async function mustThrow(
  trial: Pick<Trial, 'tried' | 'by' | 'expected'>,
  run: () => Promise<unknown>,
): Promise<Trial> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (error.code !== trial.expected && exitCodeOf(error) !== 1) throw error;
    return { ...trial, code: error.code, detail: error.message };
  }
  return { ...trial, code: null, detail: 'it was accepted' };
}
