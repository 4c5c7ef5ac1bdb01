/**
 * What `up` prints when it serves: addresses, and lines that work when pasted.
 *
 * @module
 */
import type { CommandContext } from '../context.ts';
import type { Installation } from '../installation.ts';
import type { Running } from './up.ts';

export function greet(
  { output }: CommandContext,
  installation: Installation,
  running: Running & { readonly readyMs: number },
): void {
  const { host, control, model, apiKeyFile, receiptId, readyMs } = running;
  const publicModel = installation.config.document.routes[0]?.model ?? model.name;
  const lines = [
    '',
    `${output.paint('green', 'serving')} ${publicModel} = ${model.name}@${model.version}, ready after ${(readyMs / 1000).toFixed(1)} s`,
    `  gateway        ${host.url}/v1      (OpenAI API)`,
    `  control plane  ${control.url}`,
    `  policy         ${installation.config.file}`,
    '',
    'Try it:',
    `  curl -s ${host.url}/v1/chat/completions \\`,
    `    -H "authorization: Bearer $(cat ${apiKeyFile})" -H 'content-type: application/json' \\`,
    `    -d '{"model":"${publicModel}","messages":[{"role":"user","content":"I forgot my password"}]}'`,
    '',
    '  // npm install openai',
    "  import { readFileSync } from 'node:fs';",
    "  import OpenAI from 'openai';",
    `  const client = new OpenAI({ baseURL: '${host.url}/v1', apiKey: readFileSync('${apiKeyFile}', 'utf8') });`,
    `  const answer = await client.chat.completions.create({ model: '${publicModel}', messages: [{ role: 'user', content: 'Hello' }] });`,
    '  console.log(answer.choices[0].message.content);',
    '',
    `See what was proved:  npx proofmark explain ${model.name}    npx proofmark receipt verify ${receiptId ?? 'RECEIPT-ID'}`,
    'Ctrl-C stops.',
  ];
  for (const line of lines) output.line(line);
  output.document({
    gateway: host.url,
    control: control.url,
    apiKeyFile,
    model,
    receiptId,
    readyMs,
  });
}
