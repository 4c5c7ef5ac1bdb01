/**
 * Cards, accounts and wallets.
 *
 * @module
 */
import { abaRouting, iban, luhn } from './checksums.ts';
import { entry, labelled } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

/** ISO 13616 registry: characters of an IBAN by country. */
const IBAN_LENGTHS =
  'AL28 AD24 AT20 AZ28 BH22 BY28 BE16 BA20 BR29 BG22 CR22 HR21 CY28 CZ24 DK18 DO28 EE20 EG29 SV28 FO18 FI18 FR27 GE22 DE22 GI23 GR27 GL18 GT28 HU28 IS26 IQ23 IE22 IL23 IT27 JO30 KZ20 KW30 LV21 LB28 LY25 LI21 LT20 LU20 MK19 MT31 MR27 MU30 MC27 MD24 ME22 NL18 NO15 PK24 PS29 PL28 PT25 QA29 RO24 LC32 SM27 ST25 SA24 RS22 SC31 SK24 SI19 ES24 SE24 CH21 TL23 TN24 TR26 UA29 AE23 GB22 VA22 VG24 XK20';

/** One form per length, so that a word after the number is not read as part of it. */
const IBAN_FORMS: string = IBAN_LENGTHS.split(' ')
  .map((form) => [form.slice(0, 2), Number(form.slice(2)) - 4] as const)
  .map(([country, rest]) => String.raw`${country}\d{2}(?:[ -]?[A-Z0-9]){${rest}}`)
  .join('|');

const CARD_DIGITS = String.raw`(?:\d[ -]?){12,18}\d(?![\w-]|\.\d)`;

export const FINANCE_PATTERNS: readonly PiiPattern[] = [
  entry('IBAN', new RegExp(String.raw`\b(?:${IBAN_FORMS})(?![A-Za-z0-9])`, 'g'), 0.99, {
    check: iban,
  }),
  entry('IBAN', /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b/g, 0.98, {
    check: iban,
  }),
  labelled('IBAN', 'iban', String.raw`[A-Z]{2}\d{2}[A-Z0-9 ]{8,36}[A-Z0-9]`),
  entry('CREDIT_CARD', new RegExp(String.raw`(?<![\w.-])${CARD_DIGITS}`, 'g'), 0.95, {
    check: (value) => isCard(value) && luhn(value),
  }),
  entry('CREDIT_CARD', new RegExp(String.raw`(?<![\w.-])${CARD_DIGITS}`, 'g'), 0.9, {
    check: isCard,
    context:
      /\b(?:credit|debit|visa|master ?card|amex|american express|carte (?:bancaire|bleue)|kreditkarte|tarjeta)\b/i,
    unless: /\binvalid\b/i,
  }),
  entry('CREDIT_CARD', /(?<![\w.-])[56]\d{11}(?![\w-])/g, 0.9, {
    check: luhn,
    context: /\b(?:card|cc|maestro|paid with)\b/i,
  }),
  entry(
    'ACCOUNT',
    /\b(?:routing|aba)\b(?:\s+(?:number|no\.?|#))?\s{0,2}(?:is|[:#])?\s{0,2}(\d{9})(?!\d)/gi,
    0.95,
    { group: 1, check: abaRouting },
  ),
  labelled(
    'ACCOUNT',
    String.raw`routing|aba|sort code|swift|bic|ifsc|micr`,
    String.raw`[A-Z0-9-]{6,14}\b`,
  ),
  labelled(
    'ACCOUNT',
    String.raw`account|accounts|acct|accnum|account details|member accounts|kontonummer|konto|compte|cuenta`,
    String.raw`[A-Z]{0,12}\d[A-Z0-9-]{4,22}\b`,
  ),
  entry(
    'ACCOUNT',
    /\b(?:account|acct|a\/c|customer|policy|member|employee|loan|card|reference|client|student)\b(?:\s+(?:number|num|no\.?|id|#))?\s{0,2}(?:is|was|ending in|[:#-])?\s{0,2}#?([A-Z]{0,4}-?\d[A-Z0-9-]{4,20})\b/gi,
    0.8,
    { group: 1, check: isReference },
  ),
  entry(
    'CRYPTO_WALLET',
    /\b(?:0x[a-fA-F0-9]{40}|(?:bc|tb|ltc)1[a-z0-9]{25,62}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|[LMD][1-9A-HJ-NP-Za-km-z]{32,33}|T[1-9A-HJ-NP-Za-km-z]{33}|r[1-9A-HJ-NP-Za-km-z]{24,34}|addr1[a-z0-9]{50,100}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}|cosmos1[a-z0-9]{38})\b/g,
    0.9,
    { check: isMixed },
  ),
  entry('CRYPTO_WALLET', /\b[1-9A-HJ-NP-Za-km-z]{32,44}\b/g, 0.8, {
    check: isMixed,
    context: /\b(?:solana|sol|wallet|phantom)\b/i,
  }),
];

/** Five digits or more, and no range of years. */
function isReference(value: string): boolean {
  return (
    (value.match(/\d/g)?.length ?? 0) >= 5 && !/^(?:1[89]|20)\d\d-(?:1[89]|20)\d\d$/.test(value)
  );
}

function isCard(value: string): boolean {
  const digits = value.replaceAll(/\D/g, '');
  return digits.length >= 13 && digits.length <= 19 && /^[2-6]|^1800|^81/.test(digits);
}

/** Digits and both cases, as encoded keys have; words and hex digests have not. */
function isMixed(value: string): boolean {
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return (
    /^(?:0x|bc1|tb1|ltc1|addr1|cosmos1)/.test(value) || (/[A-Z]/.test(value) && /[a-z]/.test(value))
  );
}
