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

/** "number" and its like, as labels carry them in many languages. */
const NUMBER = String.raw`num(?:mer|ber|ero|éro|eris)?|n[uú]mero|nr|no|n|id|code|č|номер|番号|号码|號碼|号|字號|번호|#|№`;

/**
 * `label number is "` and the like, before a value that its label makes personal: in a sentence, as
 * a JSON key, a column or an XML element.
 */
const LINK = [
  String.raw`(?:[ _-]?(?:card|account))?(?:[ _-]?\(?(?:${NUMBER})[.°º]?)?["'*\])|>]{0,3}`,
  String.raw`(?:\s(?:of|do|del|du|des|der|for)\s\p{L}{1,16})?`,
  String.raw`(?:\s(?:is|was|of|like|ending (?:in|with)|ist|lautet|est|es|è|é|jest|är|er|on)|[是为為はが은는])?`,
  String.raw`\s{0,2}[:=：#|-]?\s{0,3}['"*#‘“([]{0,2}`,
].join('');

/** Before a label: no digit and no Latin, Greek or Cyrillic letter. Ranges, because scripts cost. */
export const APART: string = String.raw`(?<![A-Za-z0-9À-ʯͰ-ԯ])`;

/** How a label is read: `capitals` for acronyms that are words in small letters. */
interface Labelling extends Partial<Pick<PiiPattern, 'confidence' | 'check'>> {
  readonly capitals?: boolean;
}

/**
 * A labelled identifier counts without check digits: examples and typing errors are personal too.
 * A blank in `label` may be written as `_`, `-` or nothing. The case of `value` counts.
 */
export function labelled(
  type: PiiType,
  label: string,
  value: string,
  { confidence = 0.86, check = hasDigits, capitals = false }: Labelling = {},
): PiiPattern {
  const lead = (capitals ? withGaps(label) : anyCase(withGaps(label))) + anyCase(LINK);
  return entry(type, new RegExp(`${APART}${lead}(${value})`, 'gu'), confidence, {
    group: 1,
    check,
  });
}

/** As `labelled`, for values that are written in either case. */
export function labelledLoosely(
  type: PiiType,
  label: string,
  value: string,
  confidence = 0.86,
): PiiPattern {
  const pattern = new RegExp(`${APART}${withGaps(label)}${LINK}(${value})`, 'giu');
  return entry(type, pattern, confidence, { group: 1, check: hasDigits });
}

function withGaps(label: string): string {
  return `(?:${label.replaceAll(' ', '[ _-]?')})`;
}

/**
 * The source of a pattern with its letters in both cases. Scoped modifiers, `(?i:...)`, would say the
 * same, but V8 13.6 was seen to miss matches of long ones.
 */
function anyCase(source: string): string {
  return source.replaceAll(/\\p\{[^}]*\}|\\.|\[[^\]]*\]|\p{L}/gu, (part) => {
    if (part.startsWith('\\')) return part;
    if (part.startsWith('[')) return part.replaceAll(/(?<!\\)\p{L}/gu, bothCases);
    const both = bothCases(part);
    return both.length === part.length ? part : `[${both}]`;
  });
}

function bothCases(letter: string): string {
  const upper = letter.toUpperCase();
  return upper === letter || upper.length > 1 ? letter : letter + upper;
}

export function hasDigits(value: string): boolean {
  return (value.match(/\d/g)?.length ?? 0) >= 3;
}
