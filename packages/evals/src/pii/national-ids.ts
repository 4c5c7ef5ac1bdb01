/**
 * National identifiers: written forms, check digits, and the words that announce those whose form
 * alone could be any number.
 *
 * @module
 */
import { aadhaar, brazilianCpf, germanTaxId, nhsNumber, spanishId, usSsn } from './checksums.ts';
import {
  australianTfn,
  belgianNumber,
  canadianSin,
  chileanRut,
  chineseId,
  czechBirthNumber,
  danishCpr,
  dutchBsn,
  finnishCode,
  frenchNir,
  irishPps,
  israeliId,
  italianFiscalCode,
  japaneseMyNumber,
  koreanRrn,
  norwegianNumber,
  polishPesel,
  portugueseNif,
  romanianCnp,
  singaporeNric,
  southAfricanId,
  swedishNumber,
  swissAhv,
  turkishId,
} from './national-checksums.ts';
import { LABELLED_IDS } from './labelled-ids.ts';
import { entry, labelledLoosely } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

/** A number that is an identifier only when its check digits hold and a word before it says so. */
function announced(
  pattern: RegExp,
  check: (value: string) => boolean,
  context: RegExp,
): PiiPattern {
  return entry('NATIONAL_ID', pattern, 0.88, { check, context });
}

function distinct(
  pattern: RegExp,
  check: (value: string) => boolean,
  confidence = 0.92,
): PiiPattern {
  return entry('NATIONAL_ID', pattern, confidence, { check });
}

const NINE = /(?<![\d.-])\d{3}[ .-]?\d{3}[ .-]?\d{3}(?![\d-]|\.\d)/g;
const ELEVEN = /(?<![\d.-])\d{11}(?![\d-]|\.\d)/g;

const UNITED_STATES: readonly PiiPattern[] = [
  entry('SSN', /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g, 0.9, { check: usSsn }),
  entry('SSN', /(?<![\d-])\d{3}[ -]?\d{2}[ -]?\d{4}(?![\d-])/g, 0.87, {
    check: usSsn,
    context: /\b(?:ssn|social security|social)\b/i,
  }),
  labelledLoosely(
    'NATIONAL_ID',
    String.raw`tin|tax id|taxpayer id|tax identification|itin|atin`,
    String.raw`[A-Z]{0,2}\d[\d-]{6,14}\d[A-Z]?\b`,
    0.91,
  ),
];

const ASIA_PACIFIC: readonly PiiPattern[] = [
  labelledLoosely('NATIONAL_ID', 'aadhaar|aadhar|uidai', String.raw`\d[\d -]{9,16}\d\b`),
  labelledLoosely('NATIONAL_ID', 'pan', String.raw`[A-Z]{3,12}\d{3,8}[A-Z]{0,2}\b`),
  distinct(/(?<!\d)(?<!\d[ -])[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?![ -]?\d)/g, aadhaar, 0.9),
  entry('NATIONAL_ID', /(?<!\d)\d{4}[ -]\d{4}[ -]\d{4}(?![ -]?\d)/g, 0.75, {
    context: /\b(?:aadhaar|aadhar|uid)\b/i,
  }),
  entry('NATIONAL_ID', /\b[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]\b/g, 0.9),
  distinct(/(?<!\d)[1-9]\d{16}[\dXx](?![\dA-Za-z])/g, chineseId, 0.97),
  distinct(/(?<![\d-])\d{6}-[1-8]\d{6}(?![\d-])/g, koreanRrn),
  announced(
    /(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}(?![ -]?\d)/g,
    japaneseMyNumber,
    /my ?number|マイナンバー|個人番号/i,
  ),
  distinct(/\b[STFG]\d{7}[A-Z]\b/g, singaporeNric, 0.95),
  announced(NINE, australianTfn, /\b(?:tfn|tax file)\b/i),
  announced(NINE, israeliId, /\b(?:teudat|israeli? id)\b|תעודת זהות|ת\.ז/i),
];

const EUROPE: readonly PiiPattern[] = [
  entry(
    'NATIONAL_ID',
    /\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/g,
    0.9,
  ),
  entry('MEDICAL_ID', /(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)/g, 0.93, {
    check: nhsNumber,
    context: /\bnhs\b/i,
  }),
  distinct(/\b(?:\d{8}|[XYZ]\d{7})-?[A-HJ-NP-TV-Z]\b/g, spanishId, 0.855),
  announced(
    /(?<!\d)\d{2} ?\d{3} ?\d{3} ?\d{3}(?!\d)/g,
    germanTaxId,
    /steuer|\b(?:idnr|tin|tax|id)\b/i,
  ),
  distinct(
    /(?<!\d)[1-478][ .-]?\d{2}[ .-]?\d{2}[ .-]?(?:\d{2}|2[AB])[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{2}(?!\d)/g,
    frenchNir,
    0.96,
  ),
  distinct(
    /\b[A-Z]{6}[0-9L-NP-V]{2}[A-EHLMPR-T][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]\b/gi,
    italianFiscalCode,
    0.97,
  ),
  announced(NINE, dutchBsn, /\b(?:bsn|burgerservice\w*|sofi)\b/i),
  distinct(/(?<!\d)\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}(?!\d)/g, belgianNumber, 0.97),
  announced(ELEVEN, belgianNumber, /rijksregister|registre national|\binsz\b|\bniss\b/i),
  distinct(/(?<![\d-])(?:19|20)?\d{6}[-+]\d{4}(?![\d-])/g, swedishNumber, 0.91),
  announced(
    /(?<![\d-])(?:19|20)?\d{10}(?![\d-])/g,
    swedishNumber,
    /personnummer|personal (?:identity )?n/i,
  ),
  announced(
    /(?<!\d)\d{6}[ -]?\d{5}(?![\d-])/g,
    norwegianNumber,
    /f(?:ø|oe|o)dselsnummer|personnummer|\bfnr\b|national id/i,
  ),
  announced(/(?<![\d-])\d{6}[ -]?\d{4}(?![\d-])/g, danishCpr, /\bcpr|personnummer/i),
  distinct(/(?<![\w-])\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?![\w-])/g, finnishCode, 0.95),
  announced(ELEVEN, polishPesel, /\bpesel\b/i),
  distinct(/(?<!\d)756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?!\d)/g, swissAhv, 0.97),
  announced(/\b\d{7}[A-W][AHTWX]?\b/gi, irishPps, /\bpps/i),
  announced(NINE, portugueseNif, /\bnif\b|contribuinte/i),
  announced(/(?<!\d)[1-9]\d{12}(?!\d)/g, romanianCnp, /\bcnp\b|cod numeric/i),
  announced(/(?<![\d/])\d{6}\/?\d{4}(?![\d/])/g, czechBirthNumber, /rodn|birth number/i),
  announced(/(?<!\d)[1-9]\d{10}(?!\d)/g, turkishId, /kimlik|\bt\.?c\b|turkish id/i),
];

const AMERICAS_AFRICA: readonly PiiPattern[] = [
  distinct(/(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)/g, brazilianCpf, 0.97),
  announced(ELEVEN, brazilianCpf, /\bcpf\b/i),
  distinct(/\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d\b/g, () => true, 0.97),
  distinct(/(?<![\d.])\d{1,2}\.\d{3}\.\d{3}-[\dKk](?![\dA-Za-z])/g, chileanRut, 0.96),
  announced(/(?<![\d.])\d{7,8}-[\dKk](?![\dA-Za-z])/g, chileanRut, /\bru[tn]\b/i),
  announced(
    /(?<![\d-])[1-79]\d{2}[ -]?\d{3}[ -]?\d{3}(?![\d-])/g,
    canadianSin,
    /\b(?:sin|nas|social insurance|assurance sociale)\b/i,
  ),
  announced(/(?<!\d)\d{13}(?!\d)/g, southAfricanId, /\bid\b|identity|rsa/i),
];

export const NATIONAL_IDS: readonly PiiPattern[] = [
  ...LABELLED_IDS,
  labelledLoosely(
    'NATIONAL_ID',
    'national insurance|nino|ni',
    String.raw`[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Z]\b`,
    0.93,
  ),
  labelledLoosely(
    'NATIONAL_ID',
    'national id|voter id|identity card|id card|nric|dni|curp',
    String.raw`[A-Z0-9][A-Z0-9-]{4,18}[A-Z0-9]\b`,
  ),
  ...UNITED_STATES,
  ...EUROPE,
  ...AMERICAS_AFRICA,
  ...ASIA_PACIFIC,
];
