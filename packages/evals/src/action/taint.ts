/**
 * Where the values of an action came from: the user's request, or material somebody else wrote.
 *
 * A value is *foreign* when it is specific (an address, a link, an account, a long number or name)
 * and occurs in a tool result but in nothing the user said. Foreign values in a call that reaches
 * outside are how an injected instruction shows. Text comparison only: a value that was reworded on
 * the way is missed.
 *
 * @module
 */
import type { Argument, CallStep, Step } from './trajectory.ts';

export interface ForeignValue {
  readonly argument: Argument;
  /** Index of the step whose result holds the value. */
  readonly resultIndex: number;
}

const SPECIFIC =
  /[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,32}|https?:\/\/[^\s"'<>)]{4,300}|\b[A-Z]{2}\d{2}[A-Z0-9]{10,30}\b|\b(?:0x)?[0-9a-f]{24,64}\b|\b\d{7,20}\b|\bwww\.[\w.-]{4,80}/gi;

/** Values shorter than this say nothing about where they came from. */
const MIN_NAME = 8;
const MAX_VALUE = 300;

/** The foreign values of the call at `index`. Reads only steps before it. */
export function foreignValues(
  steps: readonly Step[],
  index: number,
  trusted: string,
): readonly ForeignValue[] {
  const call = steps[index];
  if (call?.kind !== 'call') return [];
  const found: ForeignValue[] = [];
  for (const argument of call.args.slice(0, 24)) {
    for (const value of specificValues(argument)) {
      if (trusted.includes(value.toLowerCase())) continue;
      const resultIndex = lastResultWith(steps, index, value);
      if (resultIndex >= 0) found.push({ argument: { key: argument.key, value }, resultIndex });
    }
  }
  return found;
}

function specificValues(argument: Argument): readonly string[] {
  const inside = Array.from(
    argument.value.slice(0, 4096).matchAll(SPECIFIC),
    (match) => match[0],
  ).slice(0, 8);
  const whole = argument.value.trim();
  const isName = whole.length >= MIN_NAME && whole.length <= MAX_VALUE && !whole.includes('\n');
  return isName ? [...new Set([whole, ...inside])] : inside;
}

/** Only results this close before a call are searched, so that long trajectories stay linear. */
const MAX_LOOKBACK = 24;

function lastResultWith(steps: readonly Step[], before: number, value: string): number {
  for (let i = before - 1; i >= Math.max(0, before - MAX_LOOKBACK); i -= 1) {
    const step = steps[i];
    if (step?.kind === 'result' && step.text.includes(value)) return i;
  }
  return -1;
}

/** Everything the user and the operator said, lowercased, bounded. */
export function trustedText(steps: readonly Step[]): string {
  const said: string[] = [];
  let length = 0;
  for (const step of steps) {
    if (step.kind !== 'request') continue;
    said.push(step.text.toLowerCase());
    length += step.text.length;
    if (length > 262_144) break;
  }
  return said.join('\n');
}

const SECRET =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abpr]-[A-Za-z0-9-]{10,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}|AIza[0-9A-Za-z_-]{30,}|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----)/;
const LABELLED_SECRET =
  /\b(?:password|passwd|secret|api[_ -]?key|access[_ -]?token|private[_ -]?key|security code)\b["']?\s{0,3}(?:[:=]|is)\s{0,3}["']?([^\s"',;]{6,80})/gi;

const MAX_SECRETS = 64;

export interface SeenSecret {
  readonly value: string;
  readonly resultIndex: number;
}

/** Values that tool results labelled as secrets, found once per trajectory. */
export function labelledSecrets(steps: readonly Step[]): readonly SeenSecret[] {
  const secrets: SeenSecret[] = [];
  for (const [resultIndex, step] of steps.entries()) {
    if (step.kind !== 'result') continue;
    for (const match of step.text.slice(0, 65_536).matchAll(LABELLED_SECRET)) {
      if (match[1] !== undefined) secrets.push({ value: match[1], resultIndex });
      if (secrets.length >= MAX_SECRETS) return secrets;
    }
  }
  return secrets;
}

/** Whether the call at `index` carries a secret, or a value an earlier result labelled as one. */
export function carriesSecret(
  call: CallStep,
  index: number,
  secrets: readonly SeenSecret[],
): boolean {
  if (SECRET.test(call.text)) return true;
  return secrets.some(({ value, resultIndex }) => resultIndex < index && call.text.includes(value));
}

/** Which words of the call's tool name the user mentioned; a first measure of being asked for. */
export function mentioned(
  trusted: string,
  call: Pick<CallStep, 'tool'>,
  words: readonly string[],
): boolean {
  if (trusted.includes(call.tool.toLowerCase())) return true;
  return words.some(
    (word) => word.length >= 3 && trusted.includes(word.slice(0, Math.max(3, word.length - 2))),
  );
}
