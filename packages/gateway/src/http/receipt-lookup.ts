/**
 * `GET /v1/receipts/ID`: a receipt with its proof, for the tenant that it belongs to.
 *
 * @module
 */
import { GatewayError } from '../errors.ts';
import type { CompiledTenant } from '../generation.ts';
import { isReceiptId } from '../ids.ts';
import type { ReceiptIssuer } from '../receipt/issuer.ts';

/**
 * @returns `{ id, state: 'pending' }`, or `{ id, state: 'issued', receipt, logIndex, proof }`
 * @throws {GatewayError} GATEWAY_RECEIPT_NOT_FOUND, also for a receipt of another tenant
 */
export async function receiptAnswer(
  id: string,
  tenant: CompiledTenant,
  issuer: ReceiptIssuer,
): Promise<object> {
  const found = isReceiptId(id) ? await issuer.find(id) : null;
  const facts = found?.state === 'issued' ? found.stored.facts : found?.facts;
  if (found === null || facts?.tenant !== tenant.pseudonym) {
    throw new GatewayError(
      'GATEWAY_RECEIPT_NOT_FOUND',
      'cannot find the receipt: no answer to this key has that id; it is in the x-proofmark-receipt header of the answer',
    );
  }
  if (found.state === 'pending') return { id, state: 'pending' };
  const { receipt, logIndex } = found.stored;
  return { id, state: 'issued', receipt, logIndex, proof: found.proof };
}
