import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { admit } from '../src/admit.ts';
import { launch } from '../src/launch.ts';
import { nodeServerProfile } from '../src/server-profile.ts';
import { makeWorld } from './fixtures/admission.ts';
import { sandboxSupport, serverFolder, temporaryFolder } from './fixtures/sandbox.ts';

test('serves an admitted model, and nothing else', async (t) => {
  const support = await sandboxSupport(t);
  if (support === null) return;
  const world = await makeWorld(t);
  const admitted = await admit(world.request);
  t.after(() => admitted.close());
  const options = {
    tenant: 'acme',
    runRoot: path.join(temporaryFolder(t), 'run'),
    clock: () => 1,
    support,
    server: nodeServerProfile(serverFolder('echo-server'), 'main.ts'),
  };

  await assert.rejects(launch({ ...admitted }, options), { code: 'RUNNER_NOT_ADMITTED' });
  const serving = await launch(admitted, options);
  t.after(() => serving.stop());

  assert.deepEqual(serving.model, {
    name: 'bot',
    version: '1.0',
    manifestDigest: world.record.manifestDigest,
  });
  (await serving.connect()).destroy();
});
