/**
 * The page around the verifier: files in, steps and facts out. Whatever a file says is set as text.
 *
 * @module
 */
import type { Bytes } from './bytes.ts';
import { asObject, parseStrict } from './envelope.ts';
import type { JsonObject } from './envelope.ts';
import { verify } from './verify.ts';
import type { Policy, Verdict } from './verify.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;
const SYMBOLS = { pass: '✓', fail: '✗', skipped: '–' } as const;

const file = (id: string): File | undefined => element<HTMLInputElement>(id).files?.[0];

for (const id of ['receipt', 'policy', 'response', 'request']) {
  element(id).addEventListener('change', () => void check());
}

async function check(): Promise<void> {
  const [receiptFile, policyFile] = [file('receipt'), file('policy')];
  if (receiptFile === undefined || policyFile === undefined) return;
  try {
    const bundle = asObject(parseStrict(await textOf(receiptFile)));
    const policy = readPolicy(parseStrict(await textOf(policyFile)));
    if (bundle?.['format'] !== 'proofmark-receipt/1' || typeof bundle['proof'] !== 'string') {
      throw new Error('The receipt file is not what "proofmark receipt export" writes.');
    }
    if (policy === null) {
      throw new Error('The policy file is not what "proofmark receipt policy" writes.');
    }
    const given = {
      receipt: bundle['receipt'],
      proof: bundle['proof'],
      record: bundle['record'] ?? null,
      response: await bytesOf(file('response')),
      request: await bytesOf(file('request')),
      nowMs: Date.now(),
    };
    show(await verify(given, policy));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'The files cannot be read.';
    show({
      verified: false,
      code: null,
      steps: [{ title: why, outcome: 'fail', detail: '' }],
      facts: null,
    });
  }
}

function readPolicy(value: unknown): Policy | null {
  const { format, origin, receiptKeys, logKey, controlKeys } = asObject(value) ?? {};
  const isKeys = (list: unknown): list is readonly string[] =>
    Array.isArray(list) && list.length <= 64 && list.every((key) => typeof key === 'string');
  return format === 'proofmark-receipt-policy/1' &&
    typeof origin === 'string' &&
    typeof logKey === 'string' &&
    isKeys(receiptKeys) &&
    isKeys(controlKeys)
    ? { origin, receiptKeys, logKey, controlKeys }
    : null;
}

async function bytesOf(given: File | undefined): Promise<Bytes | null> {
  if (given === undefined) return null;
  if (given.size > MAX_FILE_BYTES) throw new Error(`${given.name} is larger than 64 MiB.`);
  return new Uint8Array(await given.arrayBuffer());
}

async function textOf(given: File): Promise<string> {
  const bytes = await bytesOf(given);
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes ?? new Uint8Array());
}

function show({ verified, code, steps, facts }: Verdict): void {
  const skipped = steps.filter(({ outcome }) => outcome === 'skipped').length;
  const verdict = element('verdict');
  verdict.className = verified ? 'pass' : 'fail';
  verdict.textContent = verified
    ? `Verified${skipped === 0 ? '' : `, ${skipped} of ${steps.length} comparisons not made`}`
    : `Refused${code === null ? '' : `: ${code}`}`;
  element('steps').replaceChildren(
    ...steps.map(({ title, outcome, detail }) => {
      const item = document.createElement('li');
      item.className = outcome;
      item.textContent = `${SYMBOLS[outcome]} ${title}${detail === '' ? '' : `: ${detail}`}`;
      return item;
    }),
  );
  const rows = verified && facts !== null ? factRows(facts) : [];
  element('facts').replaceChildren(
    ...rows.flatMap(([name, value]) => {
      const [term, description] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = name;
      description.textContent = value;
      return [term, description];
    }),
  );
  element('result').hidden = false;
}

function factRows(facts: JsonObject): (readonly [string, string])[] {
  const model = asObject(facts['model']) ?? {};
  const promotion = asObject(facts['promotion']) ?? {};
  const guardrails: readonly unknown[] = Array.isArray(facts['guardrails'])
    ? facts['guardrails']
    : [];
  return [
    ['Answer', `${text(facts['id'])}, ${text(facts['outcome'])}`],
    ['Model', `${text(model['name'])}@${text(model['version'])}`],
    ['Manifest digest', text(model['manifestDigest'])],
    ['Promotion', `entry ${text(promotion['index'])} of the log`],
    ['Gate policy', text(promotion['policyDigest'])],
    ['Gateway configuration', text(facts['configDigest'])],
    ['Evidence level', text(facts['evidenceLevel'])],
    ['Route', text(facts['route'])],
    ...guardrails.map((one): readonly [string, string] => {
      const { id, outcome, action, stage } = asObject(one) ?? {};
      return [`Guardrail ${text(id)}`, `${text(stage)}: ${text(outcome)}, ${text(action)}`];
    }),
  ];
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 500) : '';
}

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found as T;
}
