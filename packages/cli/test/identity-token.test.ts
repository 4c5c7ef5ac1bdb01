import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { readIdentityToken } from '../src/identity-token.ts';

const cwd = mkdtempSync(path.join(tmpdir(), 'proofmark-token-'));
writeFileSync(path.join(cwd, 'token'), ' from-file \n');
const seen: (string | undefined)[] = [];
const server = createServer((request, response) => {
  seen.push(request.url, request.headers.authorization);
  if (request.url?.startsWith('/bad') === true) response.writeHead(500).end();
  else response.end('{"value":"from-service"}');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const read = (values: Readonly<Record<string, string>>, file?: string): Promise<string> =>
  readIdentityToken(
    { cwd, environment: (name) => values[name], signal: new AbortController().signal },
    file,
  );

test('a file comes before the environment, and the variable before the service', async () => {
  const service = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/job?a=1`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer-secret',
  };

  assert.equal(await read({ SIGSTORE_ID_TOKEN: 'x' }, 'token'), 'from-file');
  assert.equal(await read({ SIGSTORE_ID_TOKEN: 'from-variable', ...service }), 'from-variable');
  assert.equal(await read(service), 'from-service');
  assert.deepEqual(seen, ['/job?a=1&audience=sigstore', 'Bearer bearer-secret']);
});

test('without a token the command says where one may come from, and a failure shows no secret', async () => {
  await assert.rejects(read({}), { code: 'CLI_USAGE' });
  await assert.rejects(read({}, 'missing'), { code: 'CLI_INPUT_UNREADABLE' });
  const failing = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/bad`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer-secret',
  };
  await assert.rejects(
    read(failing),
    (error) => error instanceof Error && !error.message.includes('secret'),
  );
});
