import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { requestTimestamp } from '../../src/sigstore/timestamp-request.ts';
import { verifyTimestamp } from '../../src/sigstore/timestamp.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { makeInstance } from './instance.ts';
import { serve } from './services.ts';

const instance = makeInstance(Date.now());
const services = await serve(instance);
after(() => services.close());
const { timestampAuthorities } = parseTrustedRoot(instance.trustedRoot);
const data = Buffer.from('a signature');

test('the authority stamps exactly what was asked', async () => {
  const stamp = await requestTimestamp(`${services.url}/api/v1/timestamp`, data);

  assert.ok(verifyTimestamp(stamp, data, timestampAuthorities) <= Date.now());
});

test('an authority that is not there fails', async () => {
  await assert.rejects(requestTimestamp(`${services.url}/other`, data), {
    code: 'ARTIFACT_SERVICE_FAILED',
  });
});
