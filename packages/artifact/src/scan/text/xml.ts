/**
 * XML and PMML: a document type or an entity is refused (rule X-1).
 *
 * Nothing is expanded. The text is decoded as its byte order mark says, so that UTF-16 does not
 * hide a declaration.
 *
 * @module
 */
import { readAll } from '../byte-source.ts';
import type { Inspection } from '../inspection.ts';

const MAX_XML_BYTES = 256 * 1024 * 1024;

export function readXml(inspection: Inspection): void {
  inspection.format = 'xml';
  const bytes = readAll(inspection.source, MAX_XML_BYTES);
  inspection.spend(Math.ceil(bytes.length / 64));
  const text = decode(bytes);
  if (/^\s*(?:<\?[^>]*\?>\s*)?(?:<!--[^]*?-->\s*)*<(?:\w+:)?PMML[\s>]/.test(text.slice(0, 8192))) {
    inspection.format = 'pmml';
  }
  const outside = text.replaceAll(/<!--[^]*?-->/g, '').replaceAll(/<!\[CDATA\[[^]*?\]\]>/g, '');
  const declaration = /<!\s*(DOCTYPE|ENTITY|ATTLIST|NOTATION)/i.exec(outside)?.[1];
  if (declaration !== undefined) {
    const what = `parsing this XML processes a ${declaration.toUpperCase()}`;
    inspection.report('X-1', `${what}: entities read files and addresses or expand without bound`);
  }
  if (/<(?:\w+:)?include\s[^>]*XInclude|xmlns:\w+\s*=\s*["'][^"']*XInclude/i.test(outside)) {
    inspection.report('X-1', 'parsing this XML includes other files');
  }
  const encoding = /^[^>]*encoding\s*=\s*["']([\w-]+)["']/.exec(text)?.[1]?.toLowerCase();
  if (
    encoding !== undefined &&
    !/^(?:utf-?8|utf-?16(?:le|be)?|us-ascii|iso-8859-\d+|windows-125\d)$/.test(encoding)
  ) {
    inspection.report('C-4', `the XML is encoded as ${encoding}, which is not read`);
  }
}

function decode(bytes: Uint8Array): string {
  const [a, b] = bytes;
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) {
    return new TextDecoder('utf-16le').decode(bytes);
  }
  if (a === 0 && b === 0x3c) return new TextDecoder('utf-16be').decode(bytes);
  return Buffer.from(bytes).toString('latin1');
}
