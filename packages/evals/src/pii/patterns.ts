/**
 * The structured kinds of personal data, as patterns, checks and the context that makes a number one.
 *
 * A pattern without a check digit needs context words near it or a strict form. Patterns are linear
 * in the text; the sets that share digits are tried in order, and the first to claim a span keeps it.
 *
 * @module
 */
import {
  aadhaar,
  abaRouting,
  brazilianCpf,
  germanTaxId,
  iban,
  luhn,
  nhsNumber,
  spanishId,
  usSsn,
} from './checksums.ts';

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
  /** In [0, 1]. */
  readonly confidence: number;
}

/** Characters before a value that are searched for context words. */
export const CONTEXT = 60;

const ID_WORDS =
  /\b(?:ssn|social security|sin|social insurance|national (?:id|insurance)|tax (?:id|number|payer)|taxpayer|tin|nino|id (?:number|no|card)|identity|identification|aadhaar|aadhar|pan|cpf|dni|nie|nhs|steuer|personnummer|voter)\b/i;

/** `label number is "` and the like, before a value that its label makes personal. */
const LINK = String.raw`(?:\s(?:card|account))?(?:\s?(?:number|num|no\.?|id|code|#))?(?:\s(?:is|was|of|like))?\s?[:=#-]?\s{0,2}['"*#‘“]{0,2}`;

/** A labelled identifier counts without check digits: examples and typing errors are personal too. */
function labelled(type: PiiType, label: string, value: string, confidence = 0.86): PiiPattern {
  const pattern = new RegExp(String.raw`\b(?:${label})${LINK}(${value})`, 'gi');
  return entry(type, pattern, confidence, { group: 1, check: hasDigit });
}

const LABELLED: readonly PiiPattern[] = [
  labelled('IBAN', 'iban', String.raw`[A-Z]{2}\d{2}[A-Z0-9 ]{8,36}[A-Z0-9]`),
  labelled(
    'NATIONAL_ID',
    String.raw`tin|tax id|taxpayer id|tax identification|ein|itin|atin`,
    String.raw`\d[\d-]{6,14}\d[A-Z]?\b`,
  ),
  labelled('NATIONAL_ID', 'aadhaar|aadhar|uidai', String.raw`\d[\d -]{9,16}\d\b`),
  labelled('NATIONAL_ID', 'pan', String.raw`[A-Z]{3,12}\d{3,8}[A-Z]{0,2}\b`),
  labelled(
    'NATIONAL_ID',
    String.raw`national id|voter id|identity card|id card|nino|national insurance`,
    String.raw`[A-Z0-9][A-Z0-9-]{4,18}[A-Z0-9]\b`,
  ),
  labelled('PASSPORT', 'passport', String.raw`[A-Z]{0,3}\d{6,9}[A-Z]?\b`, 0.9),
  labelled(
    'DRIVER_LICENSE',
    String.raw`driver[’']?s? licen[sc]e|driving licen[sc]e|licen[sc]e(?= number)`,
    String.raw`(?:DL:\s?)?[A-Z][A-Z0-9-]{5,18}[A-Z0-9]\b`,
  ),
  labelled(
    'ACCOUNT',
    String.raw`routing|aba|sort code|swift|bic|ifsc|micr`,
    String.raw`[A-Z0-9-]{6,14}\b`,
  ),
  labelled(
    'ACCOUNT',
    String.raw`account|accounts|acct|accnum|account details|member accounts`,
    String.raw`[A-Z]{0,12}\d[A-Z0-9-]{4,22}\b`,
  ),
  labelled(
    'MEDICAL_ID',
    String.raw`patient|mrn|medical (?:record|file)|insurance|health plan|beneficiary`,
    String.raw`[A-Z]{0,6}-?\d[\dA-Z-]{4,14}\b`,
  ),
  entry(
    'PASSWORD',
    /\bpasswords?\b(?:\s(?:is|was|of))?\s?[:=]?\s{0,2}['"‘“]?((?=[^\s'"]{0,40}[\d!@#$%^&*])(?=[^\s'"]{0,40}[A-Za-z])[^\s'"‘’“”,;]{6,40})/gi,
    0.86,
    { group: 1 },
  ),
  entry(
    'PASSWORD',
    /[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{2,24}\s?[/:|]\s?((?=\S{0,40}\d)(?=\S{0,40}[A-Za-z])[^\s'",;]{6,40})/g,
    0.82,
    { group: 1 },
  ),
];

export const PII_PATTERNS: readonly PiiPattern[] = [
  ...LABELLED,
  entry('EMAIL', /(?<![\w.+-])[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/g, 0.99),
  entry(
    'API_KEY',
    /\b(?:sk-(?:proj-|ant-)?[A-Za-z0-9_-]{16,200}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,255}|xox[abprs]-[A-Za-z0-9-]{10,200}|AIza[0-9A-Za-z_-]{35}|eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{5,1000}|glpat-[\w-]{20})/g,
    0.98,
  ),
  entry(
    'API_KEY',
    /\b(?:api[ _-]?key|access[ _-]?token|secret[ _-]?key|client[ _-]?secret|bearer)\b["']?\s{0,2}(?:is|[:=])?\s{0,2}["']?([A-Za-z0-9_\-./+]{16,200})/gi,
    0.85,
    { group: 1 },
  ),
  entry(
    'PASSWORD',
    /\b(?:password|passwd|passwort|passcode|pwd)\b["']?\s{0,2}(?:is|was|[:=])\s{0,2}["']?([^\s"',;]{4,80})/gi,
    0.8,
    { group: 1 },
  ),
  entry('IBAN', /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b/g, 0.99, {
    check: iban,
  }),
  entry('CREDIT_CARD', /(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w-])/g, 0.95, { check: isCard }),
  entry('SSN', /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g, 0.9, { check: usSsn }),
  entry('SSN', /(?<![\d-])\d{3}[ -]?\d{2}[ -]?\d{4}(?![\d-])/g, 0.85, {
    check: usSsn,
    context: /\b(?:ssn|social security|social)\b/i,
  }),
  entry('NATIONAL_ID', /(?<!\d)[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?!\d)/g, 0.9, { check: aadhaar }),
  entry('NATIONAL_ID', /(?<!\d)\d{4}[ -]\d{4}[ -]\d{4}(?![ -]?\d)/g, 0.75, {
    context: /\b(?:aadhaar|aadhar|uid)\b/i,
  }),
  entry('NATIONAL_ID', /\b[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]\b/g, 0.9),
  entry('NATIONAL_ID', /(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)/g, 0.95, { check: brazilianCpf }),
  entry('NATIONAL_ID', /\b[XYZ]?\d{7,8}-?[A-HJ-NP-TV-Z]\b/g, 0.75, { check: spanishId }),
  entry(
    'NATIONAL_ID',
    /\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/g,
    0.9,
  ),
  entry('NATIONAL_ID', /(?<!\d)\d{2} ?\d{3} ?\d{3} ?\d{3}(?!\d)/g, 0.8, {
    check: germanTaxId,
    context: ID_WORDS,
  }),
  entry('MEDICAL_ID', /(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)/g, 0.85, {
    check: nhsNumber,
    context: /\bnhs\b/i,
  }),
  entry(
    'MEDICAL_ID',
    /\b(?:mrn|medical record (?:number|no\.?)|patient id|health insurance (?:number|id))\b[\s:#]{0,4}([A-Z0-9-]{5,16})\b/gi,
    0.85,
    { group: 1, check: hasDigit },
  ),
  entry(
    'PASSPORT',
    /\b(?:passport)\b(?:\s+(?:number|no\.?|id|#))?\s{0,2}(?:is|was|[:#-])?\s{0,2}([A-Z]{0,2}\d{6,9}[A-Z]?)\b/gi,
    0.9,
    { group: 1 },
  ),
  entry('PASSPORT', /\b[A-Z]{1,2}\d{7}\b/g, 0.7, { context: /\bpassport\b/i }),
  entry(
    'DRIVER_LICENSE',
    /\b(?:driver'?s?|driving)\s+licen[sc]e\b(?:\s+(?:number|no\.?|id|#))?\s{0,2}(?:is|was|[:#-])?\s{0,2}([A-Z0-9][A-Z0-9 -]{4,18}[A-Z0-9])\b/gi,
    0.85,
    { group: 1, check: hasDigit },
  ),
  entry(
    'ACCOUNT',
    /\b(?:routing|aba)\b(?:\s+(?:number|no\.?|#))?\s{0,2}(?:is|[:#])?\s{0,2}(\d{9})(?!\d)/gi,
    0.95,
    { group: 1, check: abaRouting },
  ),
  entry(
    'ACCOUNT',
    /\b(?:account|acct|a\/c|customer|policy|member|employee|loan|card|reference|client|student)\b(?:\s+(?:number|num|no\.?|id|#))?\s{0,2}(?:is|was|ending in|[:#-])?\s{0,2}#?([A-Z]{0,4}-?\d[A-Z0-9-]{4,20})\b/gi,
    0.8,
    { group: 1, check: (value) => (value.match(/\d/g)?.length ?? 0) >= 5 },
  ),
  entry(
    'CRYPTO_WALLET',
    /\b(?:0x[a-fA-F0-9]{40}|bc1[a-z0-9]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b/g,
    0.9,
    { check: (value) => /\d/.test(value) && /[A-Za-z]/.test(value) },
  ),
  entry('MAC_ADDRESS', /\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b/g, 0.95),
  entry(
    'IP_ADDRESS',
    /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])/g,
    0.9,
  ),
  entry(
    'IP_ADDRESS',
    /(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){1,6}:(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,5})?(?![\w:])/g,
    0.9,
  ),
  entry('URL', /\bhttps?:\/\/[^\s"'<>)\]]{3,300}/g, 0.9),
  entry(
    'DATE_OF_BIRTH',
    /\b(?:dob|d\.o\.b\.?|date of birth|born(?: on)?|birth ?date|birthday|geboren am)\b\s{0,3}(?:is|was|[:-])?\s{0,3}(?:on )?((?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4})|(?:\d{1,2}(?:st|nd|rd|th)? (?:of )?[A-Z][a-z]{2,8},? \d{4})|(?:[A-Z][a-z]{2,8} \d{1,2}(?:st|nd|rd|th)?,? \d{4}))/gi,
    0.95,
    { group: 1 },
  ),
  entry(
    'PHONE',
    /(?<![\w.])\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,6}(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?!\d)/g,
    0.95,
    { check: phoneLength },
  ),
  entry(
    'PHONE',
    /(?<![\w.-])(?:1[ .-])?\(\d{3}\) ?\d{3}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?!\d)/g,
    0.95,
  ),
  entry(
    'PHONE',
    /(?<![\w.-])(?:1[ .-]|001-)?\d{3}[ .-]\d{3}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\d-])/g,
    0.9,
  ),
  entry('PHONE', /(?<![\w.-])0\d{1,4}[ ./-]\d{2,4}(?:[ .-]?\d{2,4}){1,3}(?!\d)/g, 0.8, {
    check: phoneLength,
  }),
  entry('PHONE', /(?<![\w.-])\(?\d{2,5}\)?[ .-]?\d{3,5}[ .-]?\d{3,5}(?![\d-])/g, 0.75, {
    check: phoneLength,
    context:
      /\b(?:phone|tel|telephone|mobile|cell|call|text|fax|whatsapp|contact|reach|dial|number is)\b/i,
  }),
  entry(
    'STREET_ADDRESS',
    /\b\d{1,6}[A-Za-z]?(?:-\d{1,4})?\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w'.-]{1,24}\s+){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Trail|Trl|Crescent|Close|Row|Loop|Alley|Plaza|Mews|Grove|Mall|Common|Branch|Club|Course|Meadow|Park|Rest|Run|Spur|View|Village|Walk|Heights|Hill|Hills|Gardens|Green|Knoll|Mill|Mills|Mountain|Orchard|Overpass|Path|Passage|Pike|Pines|Point|Port|Ranch|Ridge|River|Shore|Spring|Springs|Stravenue|Station|Stream|Summit|Throughway|Track|Trafficway|Tunnel|Turnpike|Underpass|Union|Valley|Viaduct|Ville|Vista|Wall|Wells|Bridge|Brook|Bypass|Camp|Cape|Causeway|Center|Cliff|Corner|Cove|Creek|Crossing|Crossroad|Dale|Dam|Divide|Esplanade|Estate|Expressway|Extension|Falls|Ferry|Field|Flat|Ford|Forest|Forge|Fork|Fort|Freeway|Garden|Gateway|Glen|Harbor|Haven|Hollow|Inlet|Island|Isle|Junction|Key|Lake|Landing|Light|Loaf|Lock|Lodge|Manor)\b\.?(?:,?\s+(?:Apt|Suite|Unit|Ste|Apartment|#)\.?\s?#?[\w-]{1,6})?/g,
    0.9,
  ),
  entry(
    'STREET_ADDRESS',
    /\b[A-ZÄÖÜ][\wäöüß.-]{2,30}(?:straße|strasse|weg|platz|allee|gasse|ring)\s+\d{1,4}[a-z]?\b/g,
    0.9,
  ),
  entry('STREET_ADDRESS', /\b(?:P\.? ?O\.? Box)\s+\d{1,6}\b/gi, 0.9),
  entry('POSTAL_CODE', /\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})\b/g, 0.75),
  entry('POSTAL_CODE', /\b[A-Z]{2},? (\d{5}(?:-\d{4})?)\b/g, 0.85, { group: 1 }),
  entry(
    'VEHICLE',
    /\b(?:vin|vehicle identification number)\b[\s:#]{0,4}([A-HJ-NPR-Z0-9]{17})\b/gi,
    0.95,
    { group: 1 },
  ),
  entry(
    'VEHICLE',
    /\b(?:licen[sc]e plate|number plate|plate number|registration)\b[\s:#]{0,4}(?:is |was )?([A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5}(?:[ -]?[A-Z0-9]{1,4})?)\b/gi,
    0.75,
    { group: 1, check: hasDigit },
  ),
];

interface Extra {
  readonly group?: number;
  readonly check?: (value: string) => boolean;
  readonly context?: RegExp;
}

function entry(type: PiiType, pattern: RegExp, confidence: number, extra: Extra = {}): PiiPattern {
  return { type, pattern, confidence, group: 0, ...extra };
}

function isCard(value: string): boolean {
  const digits = value.replaceAll(/\D/g, '');
  return (
    digits.length >= 12 && digits.length <= 19 && /^[2-6]|^1800|^30/.test(digits) && luhn(digits)
  );
}

function hasDigit(value: string): boolean {
  return (value.match(/\d/g)?.length ?? 0) >= 3;
}

function phoneLength(value: string): boolean {
  const digits = value.replaceAll(/(?:x|ext).*$/gi, '').replaceAll(/\D/g, '').length;
  return digits >= 7 && digits <= 15;
}
