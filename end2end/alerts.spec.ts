// "Tell me when 1 BTC reaches 80,000 USD": kept in the browser, looked at with each refresh, told once.

import { type BrowserContext, type Page } from '@playwright/test';
import { expect, hydrated, type Rates, test } from './server';

const pair = '/?base=usd&symbol=btc';
const field = (page: Page) => page.getByLabel('Tell me when it reaches');
const alerts = (page: Page) => page.locator('.price-alert li');
const reached = (page: Page) => page.locator('.alert-info', { hasText: 'Reached' });

/** What the worker has shown, as the system's list of notifications has it. */
function notifications(page: Page) {
  return page.evaluate(async () => {
    const shown = await (await navigator.serviceWorker.ready).getNotifications();
    return shown.map(({ body, title }) => body || title);
  });
}

/** Opens the pair with the worker in charge of the page, which tells it what to show. */
async function open(context: BrowserContext, page: Page, rates: Rates) {
  await context.grantPermissions(['notifications'], { origin: rates.url });
  await page.goto(rates.url + pair);
  await hydrated(page);
  await page.evaluate(async () => {
    if (!navigator.serviceWorker.controller) {
      await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
    }
  });
}

test('a crossing is told once, by a notification and on the page, until the value has come back', async ({ context, page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  await open(context, page, rates);
  await field(page).fill('80,000');
  await field(page).press('Enter');
  await expect(alerts(page)).toHaveText(['1 BTC above 80,000 USD. Forget']);
  await expect(field(page)).toHaveValue('');
  await expect(reached(page)).toHaveCount(0);
  expect(await notifications(page)).toEqual([]);

  rates.upstream.values = { usd: 80_001 };
  await expect(reached(page)).toHaveText('Reached: 1 BTC above 80,000 USD. ');
  await expect.poll(() => notifications(page)).toEqual(['1 BTC above 80,000 USD. ']);
  // Neither a reload nor a value that wavers tells it again.
  await page.evaluate(async () => {
    for (const shown of await (await navigator.serviceWorker.ready).getNotifications()) shown.close();
  });
  rates.upstream.values = { usd: 79_900 };
  await page.reload();
  await hydrated(page);
  await expect(page.locator('.pair-value')).toContainText('79,900');
  rates.upstream.values = { usd: 80_100 };
  await expect(page.locator('.pair-value')).toContainText('80,100');
  await expect(reached(page)).toBeVisible();
  expect(await notifications(page)).toEqual([]);
  // Half a percent below the threshold it is armed again.
  rates.upstream.values = { usd: 79_500 };
  await expect(reached(page)).toHaveCount(0);
  rates.upstream.values = { usd: 81_000 };
  await expect(reached(page)).toBeVisible();
  await expect.poll(() => notifications(page)).toEqual(['1 BTC above 80,000 USD. ']);

  await page.getByRole('button', { name: 'Forget' }).click();
  await expect(alerts(page)).toHaveCount(0);
  await expect(reached(page)).toHaveCount(0);
  await page.reload();
  await hydrated(page);
  await expect(alerts(page)).toHaveCount(0);
});

test('a hidden page goes on for its alerts, and of two tabs one tells', async ({ context, page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  await open(context, page, rates);
  await field(page).fill('70000');
  await page.getByRole('button', { name: 'Set alert' }).click();
  await expect(alerts(page)).toHaveText(['1 BTC below 70,000 USD. Forget']);
  const other = await context.newPage();
  // The title of every notification that any worker's message asks for.
  for (const tab of [page, other]) {
    await tab.addInitScript(() => {
      const told: string[] = [];
      Object.assign(window, { told });
      const tell = ServiceWorker.prototype.postMessage;
      ServiceWorker.prototype.postMessage = function (this: ServiceWorker, message: string) {
        if (message.startsWith('notify')) told.push(message);
        return tell.call(this, message);
      } as typeof tell;
    });
    await tab.goto(rates.url + pair);
    await hydrated(tab);
    await expect(alerts(tab)).toHaveText(['1 BTC below 70,000 USD. Forget']);
    await tab.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    });
  }
  rates.upstream.values = { usd: 69_000 };
  for (const tab of [page, other]) await expect(reached(tab)).toBeVisible();
  const told = await Promise.all([page, other].map((tab) => tab.evaluate(() => (window as unknown as { told: string[] }).told)));
  expect(told.flat()).toEqual(['notify 1 BTC below 70,000 USD. ']);
  await expect.poll(() => notifications(page)).toEqual(['1 BTC below 70,000 USD. ']);
});

test('the wall says what is reached, and numbers are read as the reader writes them', async ({ context, page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  await open(context, page, rates);
  await field(page).fill('76.000,5');
  await field(page).press('Enter');
  await expect(alerts(page)).toHaveText(['1 BTC above 76,000.5 USD. Forget']);
  await page.goto(`${rates.url}/?view=board`);
  await expect(page.locator('.wall-clock')).toHaveText(/\d/);
  const banner = page.locator('.wall-banner');
  await expect(banner).toBeHidden();
  rates.upstream.values = { usd: 77_000 };
  await expect(banner).toHaveText('1 BTC above 76,000.5 USD. ');
  await expect(banner).toBeVisible();
});

test('a page without notifications tells the reader so, and what is no number is refused', async ({ page, rates }) => {
  await page.addInitScript(() => Object.defineProperty(window, 'Notification', { value: undefined }));
  await rates.start({ CACHE_DURATION: '2' });
  await page.goto(rates.url + pair);
  await hydrated(page);
  await field(page).fill('much');
  await field(page).press('Enter');
  await expect(page.locator('.told')).toContainText('Not a number above 0');
  await expect(alerts(page)).toHaveCount(0);
  await field(page).fill('3%');
  await field(page).press('Enter');
  await expect(alerts(page)).toHaveText(['BTC in USD ±3% in 24 h. Forget']);
  await expect(page.locator('.told')).toContainText('only the page will tell you');
});

test('sample and stale rates fire nothing', async ({ context, page, rates }) => {
  rates.upstream.failing = true;
  await rates.start({ CACHE_DURATION: '2', RATES_SOURCES: 'coingecko,sample' });
  await open(context, page, rates);
  await field(page).fill('75,000');
  await field(page).press('Enter');
  await expect(alerts(page)).toHaveText(['1 BTC below 75,000 USD. Forget']);
  await page.evaluate(() => localStorage.setItem('alerts', 'btc usd above 70000 armed'));
  await page.reload();
  await hydrated(page);
  await expect(alerts(page)).toHaveText(['1 BTC above 70,000 USD. Forget']);
  await expect(page.locator('.alert-danger')).toBeVisible();
  await expect(reached(page)).toHaveCount(0);
  // Live rates at last.
  rates.upstream.failing = false;
  await expect(reached(page)).toBeVisible();
});

test('each alert is forgotten by itself, and the keyboard goes on at the field', async ({ context, page, rates }) => {
  await rates.start();
  await open(context, page, rates);
  for (const typed of ['80000', '3%', '80,000']) {
    await field(page).fill(typed);
    await field(page).press('Enter');
  }
  // Set again, it is the same alert.
  await expect(alerts(page)).toHaveText(['BTC in USD ±3% in 24 h. Forget', '1 BTC above 80,000 USD. Forget']);
  // A click beside the button forgets nothing.
  await alerts(page).last().click({ position: { x: 5, y: 5 } });
  await alerts(page).last().getByRole('button').press('Enter');
  await expect(alerts(page)).toHaveText(['BTC in USD ±3% in 24 h. Forget']);
  await expect(field(page)).toBeFocused();
  await page.reload();
  await hydrated(page);
  await expect(alerts(page)).toHaveText(['BTC in USD ±3% in 24 h. Forget']);
});

test('what is half typed sets no alert, and what is not understood stays in the field', async ({ context, page, rates }) => {
  await rates.start();
  await open(context, page, rates);
  await field(page).fill('80000');
  await field(page).press('Escape');
  await field(page).press('Tab');
  await page.getByRole('link', { name: '7 d' }).click();
  await expect(alerts(page)).toHaveCount(0);
  for (const typed of ['80k', '80000 EUR', '3 percent', '-3%', '80000,,5']) {
    await field(page).fill(typed);
    await page.getByRole('button', { name: 'Set alert' }).click();
    await expect(page.locator('.told')).toContainText('Not a number above 0');
    await expect(field(page)).toHaveValue(typed);
  }
  await expect(alerts(page)).toHaveCount(0);
  for (const typed of ['80000 usd', '$80,000', ' ±3 %', '2٪', '１％', '+2%']) {
    await field(page).fill(typed);
    await field(page).press('Enter');
    await expect(field(page)).toHaveValue('');
  }
  const sentences = ['1 BTC above 80,000 USD.', ...[3, 1, 2].map((percent) => `BTC in USD ±${percent}% in 24 h.`)];
  await expect(alerts(page)).toHaveText(sentences.map((sentence) => `${sentence} Forget`));
});

test('a reader who allows no notifications is told so, and everybody what has been set', async ({ context, page, rates }) => {
  await rates.start();
  await page.goto(rates.url + pair);
  await hydrated(page);
  // Headless browsers refuse what nobody has allowed.
  await field(page).fill('80000');
  await field(page).press('Enter');
  await expect(page.locator('.told')).toContainText('only the page will tell you');
  await context.grantPermissions(['notifications'], { origin: rates.url });
  await field(page).fill('90000');
  await field(page).press('Enter');
  await expect(page.locator('.told')).toHaveText('1 BTC above 90,000 USD.');
});

test('a page that was loaded without the cache notifies, too', async ({ context, page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  await open(context, page, rates);
  const client = await context.newCDPSession(page);
  const loaded = page.waitForEvent('load');
  await client.send('Page.reload', { ignoreCache: true });
  await loaded;
  await hydrated(page);
  expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
  await field(page).fill('80000');
  await field(page).press('Enter');
  rates.upstream.values = { usd: 81_000 };
  await expect(reached(page)).toBeVisible();
  await expect.poll(() => notifications(page)).toEqual(['1 BTC above 80,000 USD. ']);
});

test('what was reached while no page was open is told by the next one', async ({ context, page, rates }) => {
  await rates.start();
  await open(context, page, rates);
  await page.evaluate(() => localStorage.setItem('alerts', 'btc usd above 70000 armed'));
  await page.reload();
  await hydrated(page);
  await expect(reached(page)).toBeVisible();
  await expect.poll(() => notifications(page)).toEqual(['1 BTC above 70,000 USD. ']);
});
