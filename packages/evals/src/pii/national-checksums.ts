/**
 * Check digits of national identifiers. Each takes the identifier as written and answers whether its
 * form, its date where it holds one, and its check digits agree; none looks anything up.
 *
 * Sources: the issuing authorities' published definitions, by the name each function carries.
 *
 * @module
 */
import { luhn } from './checksums.ts';

const digitsOf = (text: string): readonly number[] =>
  Array.from(text.replaceAll(/\D/g, ''), (digit) => digit.charCodeAt(0) - 48);

function weighted(digits: readonly number[], weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * (digits[i] ?? 0), 0);
}

function isDate(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** Canada SIN: nine digits, Luhn, never starting with 0 or 8. */
export function canadianSin(text: string): boolean {
  const digits = digitsOf(text);
  return digits.length === 9 && digits[0] !== 0 && digits[0] !== 8 && luhn(text);
}

/** Australia TFN: nine digits, modulus 11. */
export function australianTfn(text: string): boolean {
  const digits = digitsOf(text);
  return digits.length === 9 && weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;
}

/** France NIR: thirteen digits (2A and 2B for Corsica) and 97 minus their remainder. */
export function frenchNir(text: string): boolean {
  const compact = text.replaceAll(/[\s.-]/g, '').toUpperCase();
  if (!/^[1-478]\d{4}(?:\d{2}|2[AB])\d{8}$/.test(compact)) return false;
  const body = compact.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - Number(BigInt(body) % 97n) === Number(compact.slice(13));
}

const ITALIAN_ODD: readonly number[] = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/** Italy codice fiscale: sixteen characters, the last a check letter. */
export function italianFiscalCode(text: string): boolean {
  const code = text.toUpperCase();
  if (!/^[A-Z]{6}[0-9L-NP-V]{2}[A-EHLMPR-T][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]$/.test(code)) {
    return false;
  }
  let sum = 0;
  for (let i = 0; i < 15; i += 1) {
    const unit = code.charCodeAt(i);
    const value = unit >= 65 ? unit - 65 : unit - 48;
    sum += i % 2 === 0 ? (ITALIAN_ODD[value] ?? 0) : value;
  }
  return code.charCodeAt(15) - 65 === sum % 26;
}

/** Netherlands BSN: the eleven test. */
export function dutchBsn(text: string): boolean {
  const digits = digitsOf(text);
  return (
    digits.length === 9 &&
    digits.some((digit) => digit > 0) &&
    weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0
  );
}

/** Belgium national number: 97 minus the remainder of nine digits, those born since 2000 with a 2 before. */
export function belgianNumber(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  if (digits.length !== 11) return false;
  const check = Number(digits.slice(9));
  const body = Number(digits.slice(0, 9));
  return 97 - (body % 97) === check || 97 - ((2_000_000_000 + body) % 97) === check;
}

/** Sweden personnummer: YYMMDD-NNNC, Luhn over the last ten digits. */
export function swedishNumber(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '').slice(-10);
  const day = Number(digits.slice(4, 6));
  return (
    digits.length === 10 &&
    isDate(Number(digits.slice(2, 4)), day > 60 ? day - 60 : day) &&
    luhn(digits)
  );
}

/** Norway fødselsnummer: two check digits, modulus 11. */
export function norwegianNumber(text: string): boolean {
  const digits = digitsOf(text);
  return (
    digits.length === 11 &&
    weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
    weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
  );
}

/** Denmark CPR: no reliable check digit since 2007; the date must be one. */
export function danishCpr(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  return digits.length === 10 && isDate(Number(digits.slice(2, 4)), Number(digits.slice(0, 2)));
}

/** Finland henkilötunnus: DDMMYY, century sign, three digits, check character by remainder of 31. */
export function finnishCode(text: string): boolean {
  const match = /^(\d{2})(\d{2})(\d{2})[-+A-FU-Y](\d{3})([0-9A-Z])$/i.exec(text);
  if (match === null) return false;
  const [, day = '', month = '', year = '', serial = '', check = ''] = match;
  const rest = Number(day + month + year + serial) % 31;
  return (
    isDate(Number(month), Number(day)) &&
    '0123456789ABCDEFHJKLMNPRSTUVWXY'[rest] === check.toUpperCase()
  );
}

/** Poland PESEL: eleven digits, weights 1 3 7 9. */
export function polishPesel(text: string): boolean {
  const digits = digitsOf(text);
  const month = ((digits[2] ?? 0) * 10 + (digits[3] ?? 0)) % 20;
  const day = (digits[4] ?? 0) * 10 + (digits[5] ?? 0);
  return (
    digits.length === 11 &&
    isDate(month, day) &&
    weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0
  );
}

/** Switzerland AHV/AVS: 756 and an EAN-13 check digit. */
export function swissAhv(text: string): boolean {
  const digits = digitsOf(text);
  return (
    digits.length === 13 &&
    digits.slice(0, 3).join('') === '756' &&
    weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0
  );
}

/** Ireland PPS: seven digits, a check letter, sometimes one letter more. */
export function irishPps(text: string): boolean {
  const match = /^(\d{7})([A-W])([AHTWX]?)$/i.exec(text);
  if (match === null) return false;
  const [, number = '', check = '', extra = ''] = match;
  const more = /^[AH]$/i.test(extra) ? extra.toUpperCase().charCodeAt(0) - 64 : 0;
  const sum = weighted(digitsOf(number), [8, 7, 6, 5, 4, 3, 2]) + more * 9;
  return 'WABCDEFGHIJKLMNOPQRSTUV'[sum % 23] === check.toUpperCase();
}

/** Portugal NIF and alike: nine digits, modulus 11. */
export function portugueseNif(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 9 || digits[0] === 0) return false;
  const rest = 11 - (weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return (rest >= 10 ? 0 : rest) === digits[8];
}

/** China resident identity number: ISO 7064 MOD 11-2. */
export function chineseId(text: string): boolean {
  if (!/^[1-9]\d{5}(?:19|20)\d{9}[\dXx]$/.test(text)) return false;
  if (!isDate(Number(text.slice(10, 12)), Number(text.slice(12, 14)))) return false;
  const sum = weighted(
    digitsOf(text.slice(0, 17)),
    [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
  );
  return '10X98765432'[sum % 11] === text.slice(17).toUpperCase();
}

/** Korea RRN: the date and the century digit; check digits ended in 2020. */
export function koreanRrn(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  return (
    digits.length === 13 &&
    isDate(Number(digits.slice(2, 4)), Number(digits.slice(4, 6))) &&
    /^[1-8]/.test(digits.slice(6))
  );
}

/** Japan My Number: twelve digits, modulus 11. */
export function japaneseMyNumber(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 12) return false;
  const rest = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest <= 1 ? 0 : 11 - rest) === digits[11];
}

/** Singapore NRIC and FIN. */
export function singaporeNric(text: string): boolean {
  const match = /^([STFG])(\d{7})([A-Z])$/i.exec(text);
  if (match === null) return false;
  const [, series = '', number = '', check = ''] = match;
  const offset = /[TG]/i.test(series) ? 4 : 0;
  const rest = (weighted(digitsOf(number), [2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
  return (/[ST]/i.test(series) ? 'JZIHGFEDCBA' : 'XWUTRQPNMLK')[rest] === check.toUpperCase();
}

/** Turkey identity number: two check digits. */
export function turkishId(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 11 || digits[0] === 0) return false;
  const tenth = weighted(digits, [7, -1, 7, -1, 7, -1, 7, -1, 7]) % 10;
  const eleventh = weighted(digits, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]) % 10;
  return (tenth + 10) % 10 === digits[9] && eleventh === digits[10];
}

/** Romania CNP: thirteen digits, modulus 11. */
export function romanianCnp(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 13 || digits[0] === 0) return false;
  const rest = weighted(digits, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (rest === 10 ? 1 : rest) === digits[12];
}

/** Czech and Slovak birth number: a multiple of eleven, months with 20, 50 or 70 added. */
export function czechBirthNumber(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  const month = Number(digits.slice(2, 4)) % 50;
  return (
    digits.length === 10 &&
    isDate(month > 20 ? month - 20 : month, Number(digits.slice(4, 6))) &&
    Number(digits) % 11 === 0
  );
}

/** South Africa: date of birth, Luhn. */
export function southAfricanId(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  return (
    digits.length === 13 &&
    isDate(Number(digits.slice(2, 4)), Number(digits.slice(4, 6))) &&
    luhn(digits)
  );
}

/** Israel identity number: nine digits, Luhn over the padded number. */
export function israeliId(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  return digits.length === 9 && luhn(digits);
}

/** Chile RUT: modulus 11, K for ten. */
export function chileanRut(text: string): boolean {
  const match = /^(\d{7,8})([\dK])$/i.exec(text.replaceAll(/[.-]/g, ''));
  if (match === null) return false;
  const [, number = '', check = ''] = match;
  const sum = weighted(
    digitsOf(number).toReversed(),
    [2, 3, 4, 5, 6, 7, 2, 3].slice(0, number.length),
  );
  return '0123456789K0'[11 - (sum % 11)] === check.toUpperCase();
}
