/**
 * Who wrote an entry of the log, from the documents that it stands for.
 *
 * Read from the store as it is: whether the documents are the ones that were logged is the audit's to
 * say, whether a record is signed is `readRecord`'s.
 *
 * @module
 */
import type { Json } from '@proofmark/core';
import { CoreError, parseEnvelope, parseStatement, parseStrictJson } from '@proofmark/core';
import type { LogEntry } from '@proofmark/tlog';

import type { RegistryStore } from '../store.ts';

/** The actor; null for kinds that nobody in particular writes, and for a document that is not there. */
export async function writerOf(
  store: Pick<RegistryStore, 'document'>,
  entry: LogEntry,
): Promise<string | null> {
  const text = await store.document(entry.by ?? entry.digest);
  if (text === null) return null;
  try {
    return readActor(entry, text);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    return null;
  }
}

function readActor({ kind, by }: LogEntry, text: string): string | null {
  if (by !== undefined) return textOf(parseStrictJson(text), 'actor');
  switch (kind) {
    case 'version':
      return textOf(parseStrictJson(text), 'registeredBy');
    case 'access':
    case 'access-refused':
    case 'trust-revocation':
      return textOf(payloadOf(text), 'actor');
    case 'alias':
      return textOf(statementOf(text).predicate, 'actor');
    case 'mark':
    case 'base':
    case 'collection':
      return textOf(parseStrictJson(text), 'actor');
    case 'promotion':
    case 'rollback':
    case 'denial':
      return textOf(memberOf(statementOf(text).predicate, 'proofmark'), 'actor');
    default:
      return null;
  }
}

function payloadOf(text: string): Json {
  return parseStrictJson(Buffer.from(parseEnvelope(text).payload, 'base64'));
}

function statementOf(text: string): ReturnType<typeof parseStatement> {
  return parseStatement(Buffer.from(parseEnvelope(text).payload, 'base64'));
}

function textOf(value: Json | undefined, key: string): string | null {
  const found = memberOf(value, key);
  return typeof found === 'string' ? found : null;
}

function memberOf(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, Json>>)[key] : undefined;
}
