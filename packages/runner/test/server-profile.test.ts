import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { modelServerProfile, nodeServerProfile } from '../src/server-profile.ts';

test('the model server is a script of this package, mounted at /app', () => {
  const profile = modelServerProfile();

  const [mount] = profile.mounts;
  assert.equal(mount?.destination, '/app');
  assert.ok(existsSync(path.join(mount.source, path.basename(profile.command[1] ?? ''))));
});

test('every server is pointed at the one way out and kept offline', () => {
  const { environment } = nodeServerProfile('/srv/x', 'main.js');

  assert.equal(environment['HTTPS_PROXY'], 'http://127.0.0.1:3128');
  assert.equal(environment['HF_HUB_OFFLINE'], '1');
  assert.equal(environment['SOCK'], '/run/model/s.sock');
});
