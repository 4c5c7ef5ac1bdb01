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

type ReadActor = (text: string) => string | null;

const ofDocument: ReadActor = (text) => textOf(parseStrictJson(text), 'actor');
const ofPayload: ReadActor = (text) => textOf(payloadOf(text), 'actor');
const ofRecord: ReadActor = (text) =>
  textOf(memberOf(statementOf(text).predicate, 'proofmark'), 'actor');

const READERS: ReadonlyMap<string, ReadActor> = new Map([
  ['version', (text) => textOf(parseStrictJson(text), 'registeredBy')],
  ['access', ofPayload],
  ['access-refused', ofPayload],
  ['trust-revocation', ofPayload],
  ['alias', (text) => textOf(statementOf(text).predicate, 'actor')],
  ['mark', ofDocument],
  ['base', ofDocument],
  ['collection', ofDocument],
  ['promotion', ofRecord],
  ['rollback', ofRecord],
  ['denial', ofRecord],
]);

function readActor({ kind, by }: LogEntry, text: string): string | null {
  const read = by === undefined ? READERS.get(kind) : ofDocument;
  return read === undefined ? null : read(text);
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
