/**
 * Check digits of structured identifiers. Each takes the identifier as written and answers whether
 * its check digits hold; none looks anything up.
 *
 * @module
 */

const digitsOf = (text: string): readonly number[] =>
  Array.from(text.replaceAll(/\D/g, ''), (digit) => digit.charCodeAt(0) - 48);

/** ISO/IEC 7812 (Luhn), for payment cards and IMEIs. */
export function luhn(text: string): boolean {
  const digits = digitsOf(text).toReversed();
  if (digits.length < 8 || digits.every((digit) => digit === digits[0])) return false;
  const sum = digits.reduce((total, digit, i) => {
    if (i % 2 === 0) return total + digit;
    return total + (digit > 4 ? digit * 2 - 9 : digit * 2);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 13616 / ISO 7064 MOD 97-10. */
export function iban(text: string): boolean {
  const compact = text.replaceAll(/[\s-]/g, '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact)) return false;
  const rearranged = compact.slice(4) + compact.slice(0, 4);
  let remainder = 0;
  for (const letter of rearranged) {
    const code = letter.charCodeAt(0);
    const value = code >= 65 ? code - 55 : code - 48;
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/** ABA routing numbers: weights 3, 7, 1. */
export function abaRouting(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 9 || digits.every((digit) => digit === 0)) return false;
  return weighted(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0;
}

/** US social security numbers have no check digit; these area and group numbers were never issued. */
export function usSsn(text: string): boolean {
  const match = /^(\d{3})[- ]?(\d{2})[- ]?(\d{4})$/.exec(text.trim());
  if (match === null) return false;
  const [, area = '', group = '', serial = ''] = match;
  return area !== '000' && area !== '666' && group !== '00' && serial !== '0000';
}

/** German tax identification number: ISO 7064 MOD 11,10. */
export function germanTaxId(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 11 || digits[0] === 0) return false;
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (digit + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === digits[10];
}

/** Spanish DNI and NIE: letter by remainder of 23. */
export function spanishId(text: string): boolean {
  const match = /^([XYZ]?)(\d{7,8})([A-Z])$/i.exec(text.replaceAll(/[\s-]/g, ''));
  if (match === null) return false;
  const [, prefix = '', number = '', letter = ''] = match;
  const lead = prefix === '' ? '' : String('XYZ'.indexOf(prefix.toUpperCase()));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(lead + number) % 23] === letter.toUpperCase();
}

/** Brazilian CPF: two check digits, modulus 11. */
export function brazilianCpf(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 11 || digits.every((digit) => digit === digits[0])) return false;
  return [9, 10].every((length) => {
    const weights = Array.from({ length }, (_, i) => length + 1 - i);
    const rest = (weighted(digits.slice(0, length), weights) * 10) % 11;
    return (rest === 10 ? 0 : rest) === digits[length];
  });
}

/** UK NHS number: modulus 11. */
export function nhsNumber(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length !== 10) return false;
  const check = 11 - (weighted(digits.slice(0, 9), [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return (check === 11 ? 0 : check) === digits[9];
}

const VERHOEFF_D: readonly string[] = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const VERHOEFF_P: readonly string[] = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** Indian Aadhaar: Verhoeff. */
export function aadhaar(text: string): boolean {
  const digits = digitsOf(text).toReversed();
  if (digits.length !== 12 || (digits[11] ?? 0) < 2) return false;
  let check = 0;
  digits.forEach((digit, i) => {
    const permuted = Number(VERHOEFF_P[i % 8]?.[digit]);
    check = Number(VERHOEFF_D[check]?.[permuted]);
  });
  return check === 0;
}

function weighted(digits: readonly number[], weights: readonly number[]): number {
  return digits.reduce((sum, digit, i) => sum + digit * (weights[i] ?? 0), 0);
}
