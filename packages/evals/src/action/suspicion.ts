/**
 * The trajectory as the text that the linear model of ActionSafety reads.
 *
 * Each step is one line that starts with what it is, so that the same words mean different things
 * in a request, a call and a result. Long results are cut: what the agent did matters more than all
 * it read.
 *
 * @module
 */
import { compileLexicon } from '../linear/lexicon.ts';
import type { Lexicon } from '../linear/lexicon.ts';
import type { WindowPlan } from '../linear/model.ts';
import { normalise } from '../text/normalise.ts';
import type { Step } from './trajectory.ts';

/** The order is part of the weights' format: append, never reorder. */
const CONCEPTS: Readonly<Record<string, string>> = {
  call: 'calltool',
  request: 'userasks',
  result: 'toolsays',
  destroy: `delete remove destroy drop wipe purge terminate erase truncate cancel reset revoke overwrite
    shutdown kill disable uninstall rm format tamper corrupt`,
  money: `pay payment transfer money bank account funds invoice loan purchase buy withdraw deposit refund
    bitcoin eth usd amount recipient iban billing`,
  send: `send email mail post upload share forward export publish transmit invite message webhook external
    server attacker`,
  secret: `password passwords credential credentials token key secret private confidential personal ssn
    passport medical records sensitive data database customer patient`,
  privilege: `admin root sudo grant permission permissions access role unlock bypass override unauthorized
    authorization privilege`,
  code: `bash shell python script execute command code system subprocess os import eval exec`,
  override: `ignore instructions previous strictly adhere following important instead must only attention`,
  refuse: `sorry cannot unable refuse decline suspicious unsafe malicious unethical illegal warn warning
    harmful inappropriate`,
  confirm: `confirm confirmation verify verified sure permission consent ask asked before`,
  success: `success successfully completed done executed sent deleted transferred`,
  failure: `error failed exception denied not found invalid`,
  stealth: `secretly silently covert stealth hidden without knowledge bypassing undetected`,
  device: `door lock camera alarm car vehicle thermostat robot garage oven medicine dose`,
};

export const actionLexicon: Lexicon = compileLexicon(CONCEPTS);
export const ACTION_WINDOWS: WindowPlan = { length: 3600, stride: 2700 };

const MAX_RESULT = 400;
const MAX_SAID = 700;
const MAX_CALL = 900;
const MAX_TOTAL = 60_000;

export function flatten(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    text += line(step);
    if (text.length > MAX_TOTAL) break;
  }
  return normalise(text).text;
}

function line(step: Step): string {
  switch (step.kind) {
    case 'request':
      return `userasks: ${cut(step.text, MAX_SAID)}\n`;
    case 'say':
      return `${cut(step.text, MAX_SAID)}\n`;
    case 'result':
      return `toolsays: ${cut(step.text, MAX_RESULT)}\n`;
    case 'call':
      return `calltool: ${step.tool.slice(0, 100)} ${cut(step.text, MAX_CALL)}\n`;
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)} ...`;
}
