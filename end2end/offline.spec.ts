// Installable; and without a network, the last rates with their age.

import { expect, hydrated, test } from './server';
import { type Page } from '@playwright/test';

test.use({ expectSilence: false });

/** The worker has kept the page with all that belongs to it. */
async function kept(page: Page, text: string) {
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const found = await (await caches.open('pages-1')).match('/');
        return found?.text();
      }),
    )
    .toContain(text);
  await page.evaluate(() => navigator.serviceWorker.ready);
}

const usd = 'table.rates tbody tr:has(button[value=usd]) td:nth-child(4)';

test('it can be installed', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const manifest = await (await fetch(rates.url + href)).json();
  expect(manifest).toMatchObject({ name: 'Crypto Rates', start_url: '/', display: 'standalone' });
  for (const { src, sizes, type } of manifest.icons) {
    const icon = await fetch(rates.url + src);
    expect(icon.headers.get('content-type')).toBe(type);
    if (type === 'image/png') {
      const bytes = new DataView(await icon.arrayBuffer());
      expect(`${bytes.getUint32(16)}x${bytes.getUint32(20)}`).toBe(sizes);
    }
  }
  const session = await page.context().newCDPSession(page);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
});

test('without a server the last rates are shown, with their age', async ({ page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  await page.goto(rates.url);
  await hydrated(page);
  await kept(page, '75,817');
  rates.upstream.values = { usd: 75000.25 };
  await expect(page.locator(usd)).toHaveText('75,000.25');
  // What was seen last is kept, and not what came with the page.
  await kept(page, '75,000');
  await rates.stop();
  const taken = await page.locator('.taken time').getAttribute('datetime');
  // An hour later.
  await page.clock.install({ time: Date.now() + 3_600_000 });
  for (const address of ['/', '/?base=eur&type=crypto', '/?view=board', '/?symbol=usd']) {
    await page.goto(rates.url + address);
    await expect(page.locator('.taken')).toContainText(/6\d min ago/);
    expect(new Date((await page.locator('.taken time').getAttribute('datetime'))!) >= new Date(taken!)).toBe(true);
    if (address.includes('board')) {
      await expect(page.locator('.tiles > li')).toHaveCount(9);
      await expect(page.locator('.wall-banner')).toHaveText('STALE RATES');
    } else {
      await expect(page.getByText('This page could not refresh itself')).toBeVisible();
      await expect(page.locator('.pill')).toHaveText('Stale');
    }
    if (address === '/') await expect(page.locator(usd)).toHaveText('75,000.25');
    if (address.includes('crypto')) {
      await expect(page.locator('.highlights-heading')).toHaveText('Prices in EUR');
      await expect(page.locator('table.rates tbody tr')).toHaveCount(14);
    }
    if (address.includes('symbol')) await expect(page.locator('.pair-value')).toContainText('75,000.25 USD');
  }
  // It is found again.
  const other = await page.context().newPage();
  await other.goto(rates.url);
  await expect(other.locator(usd)).toHaveText('75,000.25');
  rates.upstream.values = { usd: 76000.5 };
  await rates.start({ CACHE_DURATION: '2' });
  await expect(other.locator(usd)).toHaveText('76,000.50');
});

test('a page that was kept is not called live for a moment longer than it is', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  await kept(page, '75,817');
  await rates.stop();
  await page.clock.install({ time: Date.now() + 3 * 86_400_000 });
  await page.goto(`${rates.url}/?view=board`);
  // As soon as the browser has taken the page over, and not when its clock goes on.
  const banner = await page.waitForFunction(() => {
    const text = (selector: string) => document.querySelector(selector)?.textContent ?? '';
    return text('.wall-page').startsWith('1 /') && { says: text('.wall-banner') };
  });
  expect(await banner.jsonValue()).toEqual({ says: 'STALE RATES' });
  await expect(page.locator('.taken')).toContainText('3 days ago');
});

test('a page of somebody else at this address is not kept', async ({ page, context, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  await kept(page, '75,817');
  await context.route(`${rates.url}/`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<h1>Please log in</h1>' }),
  );
  await page.evaluate(() => navigator.serviceWorker.controller!.postMessage('keep'));
  await context.unroute(`${rates.url}/`);
  await rates.stop();
  await page.goto(rates.url);
  await expect(page.locator(usd)).toHaveText('75,817.76');
  await hydrated(page);
});

test('a server that fails, or has no rates, shows less than what is kept', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  await kept(page, '75,817');
  await rates.stop();
  rates.upstream.failing = true;
  await rates.start({}, false);
  await page.goto(rates.url);
  await expect(page.locator(usd)).toHaveText('75,817.76');
});

test('after an update no old code is run, with or without a network', async ({ page, rates }) => {
  await rates.start({ APP_VERSION: '1.0.0' });
  await page.goto(rates.url);
  await hydrated(page);
  await kept(page, '1.0.0+');
  await rates.stop();
  await rates.start({ APP_VERSION: '1.1.0' });
  // From the network at once, though there is a page that was kept.
  await page.goto(rates.url);
  expect(await page.locator('#latest').textContent()).toContain('"build":"1.1.0+');
  await hydrated(page);
  await page.evaluate(() => navigator.serviceWorker.controller!.postMessage('keep'));
  await kept(page, '1.1.0+');
  await rates.stop();
  await page.goto(rates.url);
  expect(await page.locator('#latest').textContent()).toContain('"build":"1.1.0+');
  // Nothing is kept that the page does not name.
  const files = await page.evaluate(async () => {
    const cache = await caches.open('pages-1');
    const html = await (await cache.match('/'))!.text();
    const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
    return kept.filter((path) => path.startsWith('/pkg/') && !html.includes(path));
  });
  expect(files).toEqual([]);
});
