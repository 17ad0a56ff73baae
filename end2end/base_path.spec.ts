// Below a path of a host that has other services, too.

import { expect, hydrated, test } from './server';

test.use({ expectSilence: false });

test('below a path the page lives as it does at the root', async ({ page, rates }) => {
  await rates.start({ BASE_PATH: '/rates', CACHE_DURATION: '2' });
  const outside: string[] = [];
  page.context().on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/rates/')) outside.push(pathname);
  });
  await page.goto(`${rates.url}/`);
  await hydrated(page);
  // New rates come by stream and server function.
  rates.upstream.values = { usd: 75000.25 };
  await expect(page.locator('table.rates tbody tr:has(button[value=usd]) td:nth-child(5)')).toHaveText('75,000.25');
  // A link is followed without loading the page again, and the way back leads here.
  await page.evaluate(() => document.documentElement.setAttribute('data-same-page', ''));
  await page.getByRole('link', { name: /^Fiat/ }).click();
  await expect(page).toHaveURL(`${rates.url}/?type=fiat`);
  await page.locator('.brand').click();
  await expect(page).toHaveURL(`${rates.url}/`);
  await page.goBack();
  await expect(page).toHaveURL(`${rates.url}/?type=fiat`);
  await expect(page.locator('html[data-same-page]')).toHaveCount(1);
  // Without a server there is what was kept, under a name of its own.
  const kept = () => page.evaluate(async () => (await caches.keys()).join());
  await expect.poll(kept).toBe('pages-1 /rates/');
  await expect
    .poll(() => page.evaluate(async () => (await (await caches.open('pages-1 /rates/')).match('/rates/'))?.text()))
    .toContain('75,000');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await rates.stop();
  await page.goto(`${rates.url}/?base=eur`);
  await hydrated(page);
  await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
  expect(outside).toEqual([]);
});

test('a tile in a frame is shown where that is allowed, and nowhere else', async ({ page, rates }) => {
  await rates.start({ FRAME_ANCESTORS: 'https://intranet.example' });
  const tile = `${rates.url}/?view=rate&symbol=usd`;
  const framed = `<iframe src="${tile}" width="320" height="200"></iframe>`;
  await page.route('https://*.example/', (route) => route.fulfill({ contentType: 'text/html', body: framed }));
  const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await page.goto('https://elsewhere.example/');
  await refused;
  await expect(page.frameLocator('iframe').locator('h1')).toHaveCount(0);
  await page.goto(tile);
  await expect(page.locator('.rate-tile-value')).toHaveText(/^1 BTC = 75,817\.76 USD$/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});
