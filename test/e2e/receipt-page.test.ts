/**
 * The receipt page in a real browser, from a file, with a receipt that the command exported.
 *
 * Needs Chromium; PROOFMARK_CHROMIUM names it when it is not /usr/bin/chromium.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

import { root, temporaryFolder, until, up, verb } from './harness.ts';
import { prepareData } from './own-model.ts';

const executablePath = process.env['PROOFMARK_CHROMIUM'] ?? '/usr/bin/chromium';
const skip = existsSync(executablePath) ? false : `there is no Chromium at ${executablePath}`;

describe('the receipt page', { skip }, () => {
  const folder = temporaryFolder();
  const file = (name: string): string => path.join(folder, name);
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];

  before(async () => {
    const { data, suite } = await prepareData(folder);
    const running = await up(['--data', data, '--suite', suite]);
    const request = JSON.stringify({
      model: 'support-assistant',
      temperature: 0,
      messages: [{ role: 'user', content: 'Where is my order?' }],
    });
    const response = await fetch(`${running.ready.gateway}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(running.ready.apiKeyFile, 'utf8').trim()}`,
        'content-type': 'application/json',
      },
      body: request,
    });
    const answer = Buffer.from(await response.arrayBuffer());
    const id = response.headers.get('x-proofmark-receipt') ?? '';
    const to = ['--out', file('receipt.json'), '--data', data];
    await until(
      async () => (await verb(['receipt', 'export', id, ...to])).code === 0,
      'the receipt can be exported',
    );
    assert.equal((await running.stop()).code, 0);
    const { stdout } = await verb(['receipt', 'policy', '--data', data]);
    writeFileSync(file('policy.json'), stdout);
    writeFileSync(file('request.json'), request);
    writeFileSync(file('answer.json'), answer);
    writeFileSync(
      file('altered.json'),
      answer.toString('utf8').replace('"content":"', '"content":"X'),
    );
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage();
    page.on('pageerror', (error) => failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') failures.push(message.text());
    });
    await page.goto(pathToFileURL(path.join(root, 'docs', 'receipt.html')).href);
    await page.setInputFiles('#receipt', file('receipt.json'));
    await page.setInputFiles('#policy', file('policy.json'));
  });

  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('verifies the exported receipt, and says what was not compared', async () => {
    await page.waitForSelector('#verdict.pass');

    assert.match((await page.textContent('#verdict')) ?? '', /^Verified, 2 of \d comparisons not/);
    assert.match((await page.textContent('#facts')) ?? '', /support-assistant@/);
  });

  test('compares answer and request byte for byte', async () => {
    await page.setInputFiles('#request', file('request.json'));
    await page.setInputFiles('#response', file('answer.json'));
    await page.waitForFunction(() => document.querySelectorAll('#steps .skipped').length === 0);
    const shot = process.env['PROOFMARK_SCREENSHOT'];
    if (shot !== undefined) await page.screenshot({ path: shot, fullPage: true });

    assert.equal(await page.textContent('#verdict'), 'Verified');
  });

  test('refuses an answer altered by one character, by the code of the command', async () => {
    await page.setInputFiles('#response', file('altered.json'));
    await page.waitForSelector('#verdict.fail');

    assert.match((await page.textContent('#verdict')) ?? '', /GATEWAY_RECEIPT_RESPONSE_MISMATCH/);
    assert.equal(await page.textContent('#facts'), '');
  });

  test('breaks no rule of its own policy', () => {
    assert.deepEqual(failures, []);
  });
});
