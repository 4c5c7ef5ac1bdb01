/**
 * What a pattern of personal data is: a form, a check, and the words near it that decide.
 *
 * Every pattern is linear in the text: bounded repetitions, no nested quantifiers over the same
 * characters.
 *
 * @module
 */

export type PiiType =
  | 'EMAIL'
  | 'URL'
  | 'PHONE'
  | 'CREDIT_CARD'
  | 'IBAN'
  | 'SSN'
  | 'NATIONAL_ID'
  | 'PASSPORT'
  | 'DRIVER_LICENSE'
  | 'ACCOUNT'
  | 'IP_ADDRESS'
  | 'MAC_ADDRESS'
  | 'CRYPTO_WALLET'
  | 'API_KEY'
  | 'PASSWORD'
  | 'DATE_OF_BIRTH'
  | 'STREET_ADDRESS'
  | 'POSTAL_CODE'
  | 'PERSON'
  | 'VEHICLE'
  | 'MEDICAL_ID';

export interface PiiPattern {
  readonly type: PiiType;
  readonly pattern: RegExp;
  /** Capture group that holds the value; 0 for the whole match. */
  readonly group: number;
  readonly check?: (value: string) => boolean;
  /** When given, one of these words must stand within `CONTEXT` characters before the value. */
  readonly context?: RegExp;
  /** When one of these stands there, the value is something else. */
  readonly unless?: RegExp;
  /** In [0, 1]. */
  readonly confidence: number;
}

/** Characters before a value that are searched for context words. */
export const CONTEXT = 60;

type Extra = Partial<Pick<PiiPattern, 'group' | 'check' | 'context' | 'unless'>>;

export function entry(
  type: PiiType,
  pattern: RegExp,
  confidence: number,
  extra: Extra = {},
): PiiPattern {
  return { type, pattern, confidence, group: 0, ...extra };
}

/** `label number is "` and the like, before a value that its label makes personal. */
const LINK = String.raw`(?:\s(?:card|account))?(?:\s?(?:number|num|no\.?|id|code|#))?(?:\s(?:is|was|of|like|ending (?:in|with)))?\s?[:=#-]?\s{0,2}['"*#‘“]{0,2}`;

/** A labelled identifier counts without check digits: examples and typing errors are personal too. */
export function labelled(
  type: PiiType,
  label: string,
  value: string,
  confidence = 0.86,
): PiiPattern {
  const pattern = new RegExp(String.raw`\b(?:${label})${LINK}(${value})`, 'gi');
  return entry(type, pattern, confidence, { group: 1, check: hasDigits });
}

export function hasDigits(value: string): boolean {
  return (value.match(/\d/g)?.length ?? 0) >= 3;
}
