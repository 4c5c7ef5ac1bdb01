/**
 * The X.509 v3 extensions that Node does not show: RFC 5280 section 4.2, read from the DER.
 *
 * Only definite lengths, single-byte tags and the structure of a certificate are known here; anything
 * else is refused. Attacker-controlled until the chain was checked.
 *
 * @module
 */

export interface CertificateExtensions {
  /** First octet of KeyUsage, most significant bit first; `null` when absent. */
  readonly keyUsage: number | null;
  /** Intermediates that may follow an authority; `null` when not limited. */
  readonly pathLength: number | null;
  /** Object identifiers, as hex of their DER value, that are critical and not understood here. */
  readonly unknownCritical: readonly string[];
}

interface Element {
  readonly tag: number;
  readonly value: Uint8Array;
}

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const EXTENSIONS = 0xa3;

const KEY_USAGE = '551d0f';
const BASIC_CONSTRAINTS = '551d13';
/** Read by Node or here: basic constraints, key usage, extended key usage, alternative names. */
const UNDERSTOOD: ReadonlySet<string> = new Set([BASIC_CONSTRAINTS, KEY_USAGE, '551d25', '551d11']);

/** Reads the extensions of a DER certificate. @throws {RangeError} when the DER is not that of one */
export function readExtensions(der: Uint8Array): CertificateExtensions {
  const [certificate] = children(der);
  const [body] = children(expectTag(certificate, SEQUENCE));
  const wrapper = children(expectTag(body, SEQUENCE)).find(({ tag }) => tag === EXTENSIONS);
  if (wrapper === undefined) return { keyUsage: null, pathLength: null, unknownCritical: [] };
  const [list] = children(wrapper.value);
  const extensions = children(expectTag(list, SEQUENCE)).map(readExtension);
  const names = extensions.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new RangeError('an extension appears twice');
  return {
    keyUsage: readKeyUsage(extensions),
    pathLength: readPathLength(extensions),
    unknownCritical: extensions
      .filter(({ name, isCritical }) => isCritical && !UNDERSTOOD.has(name))
      .map(({ name }) => name),
  };
}

interface Extension {
  readonly name: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/** `Extension ::= SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }` */
function readExtension(element: Element): Extension {
  const [name, ...rest] = children(expectTag(element, SEQUENCE));
  const critical = rest.find(({ tag }) => tag === BOOLEAN);
  const isCritical = critical !== undefined && critical.value[0] !== 0;
  return {
    name: Buffer.from(expectTag(name, OBJECT_IDENTIFIER)).toString('hex'),
    isCritical,
    value: expectTag(rest.at(-1), OCTET_STRING),
  };
}

/** `KeyUsage ::= BIT STRING`: the first octet counts the unused bits, the second holds the bits. */
function readKeyUsage(extensions: readonly Extension[]): number | null {
  const extension = extensions.find(({ name }) => name === KEY_USAGE);
  if (extension === undefined) return null;
  const [bits] = children(extension.value);
  return expectTag(bits, BIT_STRING)[1] ?? 0;
}

/** `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }` */
function readPathLength(extensions: readonly Extension[]): number | null {
  const extension = extensions.find(({ name }) => name === BASIC_CONSTRAINTS);
  if (extension === undefined) return null;
  const [constraints] = children(extension.value);
  const length = children(expectTag(constraints, SEQUENCE)).find(({ tag }) => tag === INTEGER);
  // More than an octet, or a negative one, limits nothing that the path's own bound does not.
  return length === undefined || length.value.length !== 1 ? null : (length.value[0] ?? null);
}

function expectTag(element: Element | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag)
    throw new RangeError(`no DER element with tag ${tag} where one must be`);
  return element.value;
}

/** Splits DER into its elements. */
function children(der: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0x80;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || lengthBytes > 3) throw new RangeError('a DER length is out of bounds');
    let length = first < 0x80 ? first : 0;
    for (let i = 0; i < lengthBytes; i += 1) length = length * 256 + (der[at + 2 + i] ?? 0);
    const start = at + 2 + lengthBytes;
    if (start + length > der.length) throw new RangeError('a DER element is cut off');
    elements.push({ tag, value: der.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}
