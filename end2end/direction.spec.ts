// Which of two currencies a number is the price of, and whose change it tells: the same everywhere on the page.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { record } from './past';
import { binary, expect, hydrated, test as base } from './server';

/** A day ago a bitcoin was 70 000 dollars, and is 75 817.76 now: it has risen by 8.31 %. */
const test = base.extend<{ day: void }>({
  day: [
    async ({ rates }, use) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'crypto-rates-'));
      rates.upstream.values = { usd: 70_000 };
      await record(binary, rates.upstream.url, folder, 24 * 60 - 2);
      rates.upstream.values = {};
      await rates.start({ STORE_URL: `file://${folder}` });
      await rates.waitFor('usd', 75_817.765);
      await use();
      await rm(folder, { recursive: true });
    },
    { auto: true },
  ],
});

const row = (code: string) => `table.rates tbody tr:has(button[value=${code}])`;
const value = (code: string) => `${row(code)} td:nth-child(4)`;
const change = (code: string) => `${row(code)} td:nth-child(6)`;

test('in money, everything is a price, and what has risen is said to have risen', async ({ page, rates }) => {
  await page.goto(`${rates.url}/?base=usd`);
  await hydrated(page);
  await expect(page.locator('.highlights-heading')).toHaveText('Prices in USD');
  await expect(page.getByRole('columnheader', { name: 'Prices in USD' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Prices in USD' })).toBeVisible();
  await expect(page.locator(value('btc'))).toHaveText('75,817.76');
  await expect(page.locator(change('btc'))).toHaveText('+8.31 %');
  await expect(page.locator(row('btc'))).toHaveClass(/^up/);
  const tile = page.locator('.figure', { hasText: 'BTC' });
  await expect(tile).toContainText('75,817.76');
  await expect(tile).toContainText('+8.31 %');
  await expect(tile).toHaveClass(/up/);
  await expect(page).toHaveTitle('75,817.76 USD · BTC – Crypto Rates');
  // In detail.
  await page.locator(row('btc')).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'US Dollar per Bitcoin' })).toBeFocused();
  await expect(page.locator('.pair-value')).toContainText('1 BTC = 75,817.76 USD');
  await expect(page.locator('.facts')).toContainText('+8.31 %');
  await expect(page.locator('figure.chart')).toHaveClass(/up/);
  await page.locator('.point').focus();
  await expect(page.locator('.point')).toHaveAttribute('aria-valuetext', /: 75,817\.76$/);
  // On the wallboard.
  await page.goto(`${rates.url}/?base=usd&view=board`);
  await expect(page.locator('html')).toHaveAttribute('data-live', '');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Prices in USD');
  const first = page.locator('.tiles li').first();
  await expect(first).toContainText('BTC');
  await expect(first).toContainText('75,817.76');
  await expect(first).toContainText('+8.31 %');
  await expect(first).toHaveClass(/up/);
  // And in a frame of another page.
  const frame = await (await fetch(`${rates.url}/?base=usd&view=rate&symbol=btc`)).text();
  for (const text of ['1 BTC', '75,817.76', '+8.31', 'up']) expect(frame).toContain(text);
});

test('the reader chooses the direction, and the page remembers it for money', async ({ page, rates }) => {
  await page.goto(`${rates.url}/?base=usd`);
  await hydrated(page);
  await page.getByRole('link', { name: 'What 1 USD buys' }).click();
  await expect(page).toHaveURL(`${rates.url}/?base=usd&quote=inverse`);
  await expect(page.locator('.highlights-heading')).toHaveText('1 USD is');
  await expect(page.locator(value('btc'))).toHaveText('0.00001318952');
  // The dollar has fallen in bitcoin.
  await expect(page.locator(change('btc'))).toHaveText('−7.67 %');
  await page.goto(`${rates.url}/?base=eur`);
  await hydrated(page);
  await expect(page.locator('.highlights-heading')).toHaveText('1 EUR is');
  // Chosen as it is by itself, it is forgotten.
  await page.getByRole('link', { name: 'Prices in EUR' }).click();
  await expect(page.locator('.highlights-heading')).toHaveText('Prices in EUR');
  await page.goto(`${rates.url}/?base=gbp`);
  await hydrated(page);
  await expect(page.locator('.highlights-heading')).toHaveText('Prices in GBP');
  // A coin is what it is worth.
  await page.getByLabel('Base').selectOption('btc');
  await expect(page.locator('.highlights-heading')).toHaveText('1 BTC is');
  await expect(page.locator(value('usd'))).toHaveText('75,817.76');
});

test('an amount is what it buys', async ({ page, rates }) => {
  await page.goto(`${rates.url}/?base=eur`);
  await hydrated(page);
  await page.getByLabel('Amount').fill('250');
  await expect(page.locator('.highlights-heading')).toHaveText('250 EUR is');
  await expect(page.locator(value('usd'))).toHaveText('290.61');
  await expect(page).toHaveTitle(/^0\.003\d+ BTC · 250 EUR – Crypto Rates$/);
  await page.locator(row('usd')).getByRole('link').click();
  await expect(page).toHaveTitle('290.61 USD · 250 EUR – Crypto Rates');
});

test('prices and changes are sorted as they are shown', async ({ page, rates }) => {
  const first = page.locator('table.rates tbody tr').first();
  await page.goto(`${rates.url}/?base=usd&sort=value`);
  await expect(first).toContainText('BTC');
  await page.goto(`${rates.url}/?base=usd&sort=value&quote=inverse`);
  await expect(first).toContainText('LBP');
  await page.goto(`${rates.url}/?base=usd&sort=change`);
  await expect(page.locator('table.rates tbody tr').last()).toContainText('USD');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the same by a link', async ({ page, rates }) => {
    await page.goto(`${rates.url}/?base=usd`);
    await expect(page).toHaveTitle('75,817.76 USD · BTC – Crypto Rates');
    await expect(page.locator(value('btc'))).toHaveText('75,817.76');
    await page.getByRole('link', { name: 'What 1 USD buys' }).click();
    await expect(page.locator(value('btc'))).toHaveText('0.00001318952');
  });
});
