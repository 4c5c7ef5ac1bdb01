/**
 * (f) An answer of which one character was altered after it was sent.
 *
 * The untouched answer verifies first, under the same trust.
 *
 * @module
 */
import { verifyReceipt } from '@proofmark/gateway/receipt';
import type { VerifiedReceipt } from '@proofmark/gateway/receipt';

import { mustThrow } from './attack.ts';
import type { Attack, Trial } from './attack.ts';
import type { Laboratory } from './laboratory.ts';
import { withServedModel } from './served-model.ts';
import type { ServedModel } from './served-model.ts';

export const alteredAnswer: Attack = {
  id: 'f',
  title: 'an answer altered by one character',
  carryOut: (laboratory) =>
    withServedModel(laboratory, async (served) => [await alter(laboratory, served)]),
};

async function alter({ installation }: Laboratory, { host, ask }: ServedModel): Promise<Trial> {
  const { body, receiptId } = await ask([{ role: 'user', content: 'I forgot my password' }]);
  await host.issuer.flush();
  const found = receiptId === null ? null : await host.issuer.find(receiptId);
  if (found?.state !== 'issued') throw new Error('the answer has no receipt');
  const check = (responseBytes: Buffer): VerifiedReceipt =>
    verifyReceipt({
      receipt: found.stored.receipt,
      responseBytes,
      proof: found.proof,
      policy: {
        receiptKeys: [installation.signer('receipt').publicKey],
        log: installation.logTrust,
      },
      nowMs: installation.clock(),
    });
  check(body);
  return mustThrow(
    {
      tried: `verify ${receiptId} against the altered answer`,
      by: 'gateway/receipt',
      expected: 'GATEWAY_RECEIPT_RESPONSE_MISMATCH',
    },
    () => Promise.resolve().then(() => check(withOneCharacterAltered(body))),
  );
}

function withOneCharacterAltered(body: Buffer): Buffer {
  const start = '"content":"';
  const at = body.indexOf(start);
  if (at < 0) throw new Error('the answer has no content');
  const altered = Buffer.from(body);
  const first = at + start.length;
  altered[first] = (altered[first] ?? 0) ^ 1;
  return altered;
}
