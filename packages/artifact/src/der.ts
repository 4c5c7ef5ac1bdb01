/**
 * Distinguished Encoding Rules (X.690), as far as certificates and time-stamp tokens use them.
 *
 * Only definite lengths and single-byte tags; anything else is refused. The input is
 * attacker-controlled: every length is checked against what is there.
 *
 * @module
 */

export interface DerElement {
  readonly tag: number;
  readonly value: Uint8Array;
  /** Tag, length and value, as they stand in the input. */
  readonly raw: Uint8Array;
}

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** Splits DER into its elements. @throws {RangeError} when it is cut off or not definite */
export function derElements(der: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0x80;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || lengthBytes > 3) throw new RangeError('a DER length is out of bounds');
    let length = first < 0x80 ? first : 0;
    for (let i = 0; i < lengthBytes; i += 1) length = length * 256 + (der[at + 2 + i] ?? 0);
    const start = at + 2 + lengthBytes;
    if (start + length > der.length) throw new RangeError('a DER element is cut off');
    elements.push({
      tag,
      value: der.subarray(start, start + length),
      raw: der.subarray(at, start + length),
    });
    at = start + length;
  }
  return elements;
}

/** The elements inside an element that must have `tag`. @throws {RangeError} */
export function derChildren(element: DerElement | undefined, tag: number): readonly DerElement[] {
  return derElements(derValue(element, tag));
}

/** The value of an element that must have `tag`. @throws {RangeError} */
export function derValue(element: DerElement | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) {
    throw new RangeError(`no DER element with tag ${tag} where one must be`);
  }
  return element.value;
}

/** The only element of `der`. @throws {RangeError} when there is none, or more follows it */
export function derSingle(der: Uint8Array): DerElement {
  const [element, ...rest] = derElements(der);
  if (element === undefined || rest.length > 0) throw new RangeError('not exactly one DER element');
  return element;
}

/** An object identifier as hex of its value. @throws {RangeError} */
export function derOid(element: DerElement | undefined): string {
  return Buffer.from(derValue(element, OBJECT_IDENTIFIER)).toString('hex');
}

/** Writes one element. */
export function encodeDer(tag: number, ...values: readonly Uint8Array[]): Uint8Array {
  const value = Buffer.concat(values);
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value]);
  const length: number[] = [];
  for (let left = value.length; left > 0; left = Math.floor(left / 256)) length.unshift(left % 256);
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length, ...length]), value]);
}
