// Many windows of one browser: over HTTP/1.1 they share six connections to the server.

import { expect, hydrated, test } from './server';

test('eight visible pages have one stream, and all are fresh', async ({ context, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  const pages = [];
  for (let opened = 0; opened < 8; opened += 1) {
    const page = await context.newPage();
    await page.goto(rates.url);
    await hydrated(page);
    pages.push(page);
  }
  const streams = async () => /^crypto_app_streams (\d+)$/m.exec(await (await fetch(`${rates.url}/metrics`)).text())?.[1];
  await expect.poll(streams).toBe('1');
  for (const value of [81000.25, 82000.25]) {
    rates.upstream.values = { usd: value };
    await rates.waitFor('usd', value);
    for (const page of pages) {
      await expect(page.locator('tr:has([value=usd]) td:nth-child(4)')).toHaveText(value.toLocaleString('en-GB', { minimumFractionDigits: 2 }));
      await expect(page.locator('.pill')).toHaveText('Live');
    }
  }
  // Closed one by one, the last takes the stream along.
  while (pages.length > 1) await pages.pop()!.close();
  await expect.poll(streams).toBe('1');
  await pages.pop()!.close();
  await expect.poll(streams).toBe('0');
});

test.describe('without a SharedWorker', () => {
  test('a page has its timer', async ({ page, rates }) => {
    await page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
    await rates.start({ CACHE_DURATION: '2' });
    await page.goto(rates.url);
    await hydrated(page);
    rates.upstream.values = { usd: 81000.25 };
    await expect(page.locator('tr:has([value=usd]) td:nth-child(4)')).toHaveText('81,000.25');
  });
});
