import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import vm from 'node:vm';

import { buildReceiptPage } from '../receipt-page/build.ts';
import { parseStrict } from '../receipt-page/envelope.ts';
import { verify } from '../receipt-page/verify.ts';

interface Fields {
  readonly receipt: string;
  readonly response: string;
  readonly request: string;
  readonly proof: string;
  readonly nowMs: number;
  readonly receiptKey: string;
  readonly logKey: string;
  readonly origin: string;
}

interface Vectors {
  readonly whole: Fields;
  readonly stream: Fields;
  readonly cases: readonly {
    readonly name: string;
    readonly base: 'whole' | 'stream';
    readonly change: Partial<Fields>;
    readonly expected: string | null;
  }[];
}

const root = path.join(import.meta.dirname, '..', '..');
const vectors = JSON.parse(
  readFileSync(path.join(root, 'vectors/receipt/receipts.json'), 'utf8'),
) as Vectors;

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

describe('the page agrees with the command on vectors/receipt/receipts.json:', () => {
  for (const { name, base, change, expected } of vectors.cases) {
    test(name, async () => {
      const fields = { ...vectors[base], ...change };

      const { code, verified, facts } = await verify(
        {
          receipt: parseStrict(Buffer.from(fields.receipt, 'base64').toString('utf8')),
          proof: fields.proof,
          record: null,
          response: bytes(fields.response),
          request: bytes(fields.request),
          nowMs: fields.nowMs,
        },
        {
          origin: fields.origin,
          receiptKeys: [fields.receiptKey],
          logKey: fields.logKey,
          controlKeys: [],
        },
      );

      assert.equal(code, expected);
      assert.equal(verified, expected === null);
      if (verified) assert.equal(typeof facts?.['id'], 'string');
    });
  }
});

test('a promotion record that nobody trusted signed is refused', async () => {
  const fields = vectors.whole;
  const { code } = await verify(
    {
      receipt: parseStrict(Buffer.from(fields.receipt, 'base64').toString('utf8')),
      proof: fields.proof,
      record: { payload: '', payloadType: 'x', signatures: [{ keyid: '', sig: 'AAAA' }] },
      response: null,
      request: null,
      nowMs: fields.nowMs,
    },
    {
      origin: fields.origin,
      receiptKeys: [fields.receiptKey],
      logKey: fields.logKey,
      controlKeys: [fields.receiptKey],
    },
  );

  assert.equal(code, 'GATEWAY_RECEIPT_RECORD_MISMATCH');
});

test('docs/receipt.html is what its sources give; npm run page writes it', () => {
  assert.equal(readFileSync(path.join(root, 'docs/receipt.html'), 'utf8'), buildReceiptPage());
});

test('the page may run its own script and nothing else, and reaches nobody', () => {
  const html = buildReceiptPage();
  const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(html) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');

  assert.doesNotThrow(() => new vm.Script(script));
  assert.match(html, /default-src 'none'/);
  assert.ok(html.includes(`script-src 'sha256-${hash}'`));
  assert.doesNotMatch(html, /unsafe-|innerHTML|https?:\/\/(?!in-toto\.io)/);
});
