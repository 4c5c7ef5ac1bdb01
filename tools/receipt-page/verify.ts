/**
 * Checks a receipt step by step, as docs/spec/receipt.md orders it; the first step that fails ends it.
 *
 * @module
 */
import { streamFacts } from './body.ts';
import {
  fromBase64,
  hashFromHex,
  hex,
  isCount,
  leafHash,
  readKey,
  rootOf,
  sha256,
  utf8,
} from './bytes.ts';
import type { Bytes, Key } from './bytes.ts';
import {
  asObject,
  openEnvelope,
  preAuthEncoding,
  readEnvelope,
  readStatement,
} from './envelope.ts';
import type { Envelope, JsonObject } from './envelope.ts';
import { placeInLog } from './log-proof.ts';

export interface Given {
  /** The receipt: docs/spec/receipt.md, "File". */
  readonly receipt: unknown;
  /** `.tlog-proof` of its batch. */
  readonly proof: string;
  /** DSSE envelope of the promotion record, or null. */
  readonly record: unknown;
  readonly response: Bytes | null;
  readonly request: Bytes | null;
  readonly nowMs: number;
}

/** Whom to believe; keys are PEM. */
export interface Policy {
  readonly origin: string;
  readonly receiptKeys: readonly string[];
  readonly logKey: string;
  readonly controlKeys: readonly string[];
}

export interface Step {
  readonly title: string;
  /** `skipped`: nothing was given to compare. */
  readonly outcome: 'pass' | 'fail' | 'skipped';
  readonly detail: string;
}

export interface Verdict {
  readonly verified: boolean;
  /** Code of what does not hold, as the command gives it; null when all holds. */
  readonly code: string | null;
  readonly steps: readonly Step[];
  /** What was signed; null until the signature is verified. */
  readonly facts: JsonObject | null;
}

const RECEIPT = 'urn:proofmark:receipt:v1';
const BATCH = 'urn:proofmark:receipt-batch:v1';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const MAX_BATCH = 65_536;
const MAX_PATH = 16;
const CLOCK_SKEW_MS = 300_000;
const FIELDS =
  'configDigest contextDigest evaluators evidenceLevel guardrails id issuedAtMs model outcome promotion promptVersion requestDigest response route salt startedAtMs tenant traceId transformations';

class Refusal extends Error {
  readonly code: string;

  constructor(code: string, why: string) {
    super(why);
    this.code = code;
  }
}

export async function verify(given: Given, policy: Policy): Promise<Verdict> {
  const steps: Step[] = [];
  let facts: JsonObject | null = null;
  let title = '';
  const step = async <T>(name: string, work: () => Promise<readonly [T, string]>): Promise<T> => {
    title = name;
    const [value, detail] = await work();
    steps.push({ title, outcome: 'pass', detail });
    return value;
  };
  const optional = async <T>(
    name: string,
    value: T | null,
    work: (value: T) => Promise<readonly [null, string]>,
  ): Promise<void> => {
    if (value !== null) await step(name, () => work(value));
    else steps.push({ title: name, outcome: 'skipped', detail: 'not given, not compared' });
  };
  try {
    const receipt = await step('The receipt can be read', () => readReceipt(given.receipt));
    const keys = await readKeys(policy);
    const count = await step('Its batch is signed by a trusted key', () =>
      openBatch(receipt, keys.receipt),
    );
    await step('It is in that batch', () => checkInclusion(receipt, count));
    await step('The batch is in the log', () => checkLog(receipt, given.proof, policy, keys.log));
    facts = await step('What was signed is a receipt', () => readFacts(receipt, given.nowMs));
    const signed = facts;
    await optional('The answer is the one that was sent', given.response, (body) =>
      checkResponse(signed, body),
    );
    await optional('The request is the one that came in', given.request, (body) =>
      checkRequest(signed, body),
    );
    await optional('The model was promoted', given.record, (record) =>
      checkRecord(signed, record, keys.control),
    );
    return { verified: true, code: null, steps, facts };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    steps.push({ title, outcome: 'fail', detail: error.message });
    return { verified: false, code: error.code, steps, facts };
  }
}

interface Keys {
  readonly receipt: readonly Key[];
  readonly control: readonly Key[];
  readonly log: Key;
}

async function readKeys({ receiptKeys, controlKeys, logKey }: Policy): Promise<Keys> {
  const read = async (pem: string): Promise<Key> => {
    const key = await readKey(pem);
    if (key === null) throw new Refusal('POLICY_INVALID', 'a key of the policy is not Ed25519 PEM');
    return key;
  };
  return {
    receipt: await Promise.all(receiptKeys.map(read)),
    control: await Promise.all(controlKeys.map(read)),
    log: await read(logKey),
  };
}

interface Receipt {
  readonly batch: Envelope;
  readonly payload: Bytes;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Bytes[];
}

async function readReceipt(value: unknown): Promise<readonly [Receipt, string]> {
  const { batch, inclusion, payload, payloadType } = asObject(value) ?? {};
  const place = readPlace(asObject(inclusion) ?? {});
  const envelope = readEnvelope(batch);
  const bytes = fromBase64(payload);
  if (envelope === null || bytes === null || payloadType !== PAYLOAD_TYPE || place === null) {
    throw new Refusal('GATEWAY_RECEIPT_INVALID', 'it does not have the form of a receipt');
  }
  const said = `${bytes.length} bytes, place ${place.index} of ${place.size}`;
  return Promise.resolve([{ batch: envelope, payload: bytes, ...place }, said]);
}

function readPlace({
  index,
  size,
  path,
}: JsonObject): Pick<Receipt, 'index' | 'size' | 'path'> | null {
  const given: readonly unknown[] = Array.isArray(path) ? path : [null];
  if (given.length > MAX_PATH) return null;
  const hashes = given.map(hashFromHex).flatMap((hash) => (hash === null ? [] : [hash]));
  const isPlace = isCount(index) && isCount(size) && index < size && size <= MAX_BATCH;
  return isPlace && hashes.length === given.length ? { index, size, path: hashes } : null;
}

async function openBatch(
  { batch }: Receipt,
  keys: readonly Key[],
): Promise<readonly [JsonObject, string]> {
  const payload = await openEnvelope(batch, keys);
  if (payload === null) {
    throw new Refusal(
      'GATEWAY_RECEIPT_SIGNATURE_INVALID',
      'no signature of its batch is by a key of the policy: altered, or another gateway issued it',
    );
  }
  const statement = readStatement(payload);
  if (statement?.predicateType !== BATCH) {
    throw new Refusal('GATEWAY_RECEIPT_INVALID', 'its batch is a statement of another kind');
  }
  const { count, sealedAtMs } = statement.predicate;
  const root = statement.subject.digest['rfc6962'];
  return [{ count, root }, `batch of ${String(count)}, sealed ${time(sealedAtMs)}`];
}

async function checkInclusion(
  { payload, index, size, path }: Receipt,
  { count, root }: JsonObject,
): Promise<readonly [null, string]> {
  const leaf = await leafHash(preAuthEncoding(PAYLOAD_TYPE, payload));
  const found = await rootOf(leaf, index, size, path);
  if (found === null || hex(found) !== root || count !== size) {
    throw new Refusal(
      'GATEWAY_RECEIPT_NOT_IN_BATCH',
      'the signed batch does not contain it: the receipt was altered, or belongs to another batch',
    );
  }
  return [null, `${path.length} hashes lead to the signed root`];
}

async function checkLog(
  { batch }: Receipt,
  proof: string,
  { origin }: Policy,
  key: Key,
): Promise<readonly [null, string]> {
  // Canonical JSON (RFC 8785) of an envelope: sorted keys, ASCII strings.
  const { payload, payloadType, signatures } = batch;
  const canonical = JSON.stringify({ payload, payloadType, signatures });
  const digest = hex(await sha256(utf8(canonical)));
  const entry = utf8(JSON.stringify({ digest, kind: 'receipt-batch' }));
  const index = await placeInLog(proof, entry, { origin, key });
  if (index === null) {
    throw new Refusal(
      'GATEWAY_RECEIPT_PROOF_INVALID',
      'its batch is not proven to be in the log of the policy',
    );
  }
  return [null, `entry ${index} of ${origin}`];
}

async function readFacts(
  { payload }: Receipt,
  nowMs: number,
): Promise<readonly [JsonObject, string]> {
  const statement = readStatement(payload);
  const facts = statement?.predicate ?? {};
  const { id, issuedAtMs, response, requestDigest } = facts;
  const digest = asObject(response)?.['digest'];
  const subject = response === null ? { request: requestDigest } : { sha256: digest };
  const isReceipt =
    statement?.predicateType === RECEIPT &&
    Object.keys(facts).toSorted().join(' ') === FIELDS &&
    statement.subject.name === id &&
    JSON.stringify(statement.subject.digest) === JSON.stringify(subject) &&
    isCount(issuedAtMs);
  if (!isReceipt) {
    throw new Refusal('GATEWAY_RECEIPT_INVALID', 'what was signed does not have its form');
  }
  if (issuedAtMs > nowMs + CLOCK_SKEW_MS) {
    throw new Refusal('GATEWAY_RECEIPT_FUTURE', 'it was issued after the time of this check');
  }
  return Promise.resolve([facts, `${String(id)}, issued ${time(issuedAtMs)}`]);
}

async function checkResponse(facts: JsonObject, body: Bytes): Promise<readonly [null, string]> {
  const response = asObject(facts['response']);
  const stream = asObject(response?.['stream']);
  const refusal = new Refusal(
    'GATEWAY_RECEIPT_RESPONSE_MISMATCH',
    'the answer is not the one that was sent, byte for byte: it was altered or belongs elsewhere',
  );
  if (response === null) throw refusal;
  if (stream === null) {
    if (hex(await sha256(body)) !== response['digest']) throw refusal;
    return [null, `${body.length} bytes`];
  }
  const sent = await streamFacts(body, String(facts['id']));
  const isSame =
    sent.digest === response['digest'] &&
    sent.chain === stream['chain'] &&
    sent.events === stream['events'];
  if (!isSame) throw refusal;
  return [null, `${sent.events} events`];
}

async function checkRequest(facts: JsonObject, body: Bytes): Promise<readonly [null, string]> {
  if (hex(await sha256(body)) !== facts['requestDigest']) {
    throw new Refusal(
      'GATEWAY_RECEIPT_REQUEST_MISMATCH',
      'the request is not the one that was received, byte for byte',
    );
  }
  return [null, `${body.length} bytes`];
}

async function checkRecord(
  facts: JsonObject,
  record: unknown,
  keys: readonly Key[],
): Promise<readonly [null, string]> {
  const envelope = readEnvelope(record);
  const payload = envelope === null ? null : await openEnvelope(envelope, keys);
  const statement = payload === null ? null : readStatement(payload);
  const manifest = asObject(facts['model'])?.['manifestDigest'];
  if (statement === null || statement.subject.digest['manifest'] !== manifest) {
    throw new Refusal(
      'GATEWAY_RECEIPT_RECORD_MISMATCH',
      'the promotion record is not signed by the control plane for the model of the receipt',
    );
  }
  return [null, `record for manifest ${String(manifest).slice(0, 12)}`];
}

function time(ms: unknown): string {
  return isCount(ms) && ms < 8.64e15 ? new Date(ms).toISOString() : 'at an unknown time';
}
