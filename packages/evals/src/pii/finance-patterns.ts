/**
 * Cards, accounts and wallets.
 *
 * @module
 */
import { abaRouting, iban, luhn } from './checksums.ts';
import { entry, labelled, labelledLoosely } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

/** ISO 13616 registry: characters of an IBAN by country. */
const IBAN_LENGTHS =
  'AL28 AD24 AT20 AZ28 BH22 BY28 BE16 BA20 BR29 BG22 CR22 HR21 CY28 CZ24 DK18 DO28 EE20 EG29 SV28 FO18 FI18 FR27 GE22 DE22 GI23 GR27 GL18 GT28 HU28 IS26 IQ23 IE22 IL23 IT27 JO30 KZ20 KW30 LV21 LB28 LY25 LI21 LT20 LU20 MK19 MT31 MR27 MU30 MC27 MD24 ME22 NL18 NO15 PK24 PS29 PL28 PT25 QA29 RO24 LC32 SM27 ST25 SA24 RS22 SC31 SK24 SI19 ES24 SE24 CH21 TL23 TN24 TR26 UA29 AE23 GB22 VA22 VG24 XK20';

/** One form per length, so that a word after the number is not read as part of it. */
const IBAN_FORMS: string = IBAN_LENGTHS.split(' ')
  .map((form) => [form.slice(0, 2), Number(form.slice(2)) - 4] as const)
  .map(([country, rest]) => String.raw`${country}\d{2}(?:[ -]?[A-Z0-9]){${rest}}`)
  .join('|');

/** "card" in the languages it is most written in, not far before the number. */
const CARD_WORDS =
  /(?:(?<!\p{L})(?:cards?|cc|ccnum|pan|maestro|visa|mastercard|amex|discover|diners|jcb|carte|tarjeta|carta|cartão|cartao|kaart|kort|karta|kart[ıęey]?|paid with)|karte|kaart|karty|карт[аыуе]|카드|カード|卡)(?!\p{L})[^.!?\n]{0,40}$/iu;

const CARD_DIGITS = String.raw`(?:\d[ -]?){12,18}\d(?![\w-]|\.\d)`;

const ACCOUNT = String.raw`(?:bank |checking |savings |brokerage )?account(?:s| details)?|acct|accnum|member accounts|kontonummer|konto|kontonr|rekening(?:nummer)?|compte|cuenta|conto(?: corrente)?|conta(?: corrente)?|kont[aoy]|účet|účtu|cont|číslo účtu|hesap|счёт|счет|рахунок|口座|账号|账户|帐号|帳號|계좌`;

export const FINANCE_PATTERNS: readonly PiiPattern[] = [
  entry('IBAN', new RegExp(String.raw`(?<![\w-])(?:${IBAN_FORMS})(?![A-Za-z0-9])`, 'gi'), 0.99, {
    check: iban,
  }),
  entry(
    'IBAN',
    /(?<![\w-])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?\b/g,
    0.98,
    {
      check: iban,
    },
  ),
  entry('IBAN', new RegExp(String.raw`(?<![\w-])(?:${IBAN_FORMS})(?![A-Za-z0-9])`, 'g'), 0.93, {
    context: /iban|account|konto|compte|cuenta|conto|rekening|konta/i,
  }),
  labelled('IBAN', 'iban', String.raw`[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![\p{L}\d])`, {
    confidence: 0.97,
  }),
  entry('CREDIT_CARD', new RegExp(String.raw`(?<![\w.-])${CARD_DIGITS}`, 'g'), 0.95, {
    check: (value) => isIssued(value) && luhn(value),
  }),
  entry('CREDIT_CARD', new RegExp(String.raw`(?<![\w.-])${CARD_DIGITS}`, 'g'), 0.9, {
    check: isCard,
    context:
      /(?<!\p{L})(?:credit|debit|visa|master ?card|amex|american express|carte (?:bancaire|bleue|de crédit)|kreditkarte|tarjeta|carta di credito|cartão|kredietkaart|kreditkort)(?!\p{L})/iu,
    unless: /\binvalid\b/i,
  }),
  entry('CREDIT_CARD', /(?<![\w.-])(?:\d[ -]?){11,18}\d(?![\w-]|\.\d)/g, 0.955, {
    check: (value) => isLabelledCard(value) && luhn(value),
    context: CARD_WORDS,
  }),
  entry(
    'ACCOUNT',
    /\b(?:routing|aba)\b(?:\s+(?:number|no\.?|#))?\s{0,2}(?:is|[:#])?\s{0,2}(\d{9})(?!\d)/gi,
    0.95,
    { group: 1, check: abaRouting },
  ),
  labelled('ACCOUNT', 'swift|bic', String.raw`[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b`, {
    confidence: 0.93,
    check: () => true,
  }),
  labelledLoosely(
    'ACCOUNT',
    String.raw`routing|aba|rtn|sort code|swift|bic|ifsc|micr|bsb|blz|bankleitzahl|transit`,
    String.raw`[A-Z0-9-]{6,14}\b`,
  ),
  labelledLoosely('ACCOUNT', ACCOUNT, String.raw`[A-Z]{0,12}\d[A-Z0-9-]{4,34}\b`, 0.92),
  entry(
    'ACCOUNT',
    /\b(?:account|acct|a\/c|customer|policy|member|employee|loan|card|client|student)\b(?:\s+(?:number|num|no\.?|id|#))?\s{0,2}(?:is|was|ending in|[:#-])?\s{0,2}#?([A-Z]{0,4}-?\d[A-Z0-9-]{4,20})\b/gi,
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

/** Ranges that the networks issue, by length: what else passes Luhn by chance is another number. */
function isIssued(value: string): boolean {
  const digits = value.replaceAll(/\D/g, '');
  switch (digits.length) {
    case 13:
      return digits.startsWith('4');
    case 14:
      return /^3[0689]/.test(digits);
    case 15:
      return /^(?:3[47]|2131|1800)/.test(digits);
    case 16:
      return /^(?:[456]|2[2-7]|35|81)/.test(digits);
    default:
      return digits.length >= 17 && digits.length <= 19 && /^[456]/.test(digits);
  }
}

function isCard(value: string): boolean {
  const digits = value.replaceAll(/\D/g, '');
  return digits.length >= 13 && digits.length <= 19 && /^[2-6]|^1800|^81/.test(digits);
}

function isLabelledCard(value: string): boolean {
  return isCard(value) || /^[56]\d{11}$/.test(value.replaceAll(/\D/g, ''));
}

/** Digits and both cases, as encoded keys have; words and hex digests have not. */
function isMixed(value: string): boolean {
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return (
    /^(?:0x|bc1|tb1|ltc1|addr1|cosmos1)/.test(value) || (/[A-Z]/.test(value) && /[a-z]/.test(value))
  );
}
