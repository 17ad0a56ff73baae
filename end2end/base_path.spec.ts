// Below a path of a host that has other services, too.

import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
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
  await expect(page.locator('table.rates tbody tr:has(button[value=usd]) td:nth-child(4)')).toHaveText('75,000.25');
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

/** Serves a page that shows `framed` in a frame, at an origin of its own. */
async function intranet(framed: () => string) {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<!DOCTYPE html><iframe src="${framed()}" width="320" height="200"></iframe>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('a tile in a frame is shown where that is allowed, and nowhere else', async ({ page, rates }) => {
  const framed = () => `${rates.url}/?view=rate&symbol=usd`;
  const [ours, others] = [await intranet(framed), await intranet(framed)];
  try {
    await rates.start({ FRAME_ANCESTORS: ours.origin });
    await page.goto(ours.origin);
    const value = page.frameLocator('iframe').locator('.rate-tile-value');
    await expect(value).toHaveText(/^1 BTC = 75,817\.76 USD$/);
    const fits = () => document.documentElement.scrollWidth <= innerWidth;
    expect(await page.frameLocator('iframe').locator('main').evaluate(fits)).toBe(true);
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(others.origin);
    await refused;
    await expect(value).toHaveCount(0);
  } finally {
    ours.server.close();
    others.server.close();
  }
});
