// Favourites are pinned on top, and remembered by the browser alone.

import { expect, hydrated, test } from './server';
import { jumps, watch } from './shifts';

const first = 'table.rates tbody tr:first-child';
const second = 'table.rates tbody tr:nth-child(2)';

test('they are pinned, and remembered without a jump', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  await expect(page.getByRole('link', { name: /^Favourites/ })).toBeHidden();
  await page.getByRole('button', { name: 'Pin EUR' }).click();
  await expect(page.locator(first)).toContainText('Euro');
  await expect(page.getByRole('button', { name: 'Pin EUR' })).toHaveAttribute('aria-pressed', 'true');
  // In the order of pinning.
  await page.getByRole('button', { name: 'Pin USD' }).click();
  await expect(page.locator(second)).toContainText('US Dollar');
  await expect(page.locator(first)).toContainText('Euro');

  // Before the wasm is there, and after it: nothing moves.
  await watch(page);
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await expect(page.locator(first)).toContainText('Euro');
  await expect(page.locator(second)).toContainText('US Dollar');
  release();
  await hydrated(page);
  await expect(page.locator(first)).toContainText('Euro');
  await expect(page.locator(second)).toContainText('US Dollar');
  await expect(page.getByRole('button', { name: 'Pin USD' })).toHaveAttribute('aria-pressed', 'true');
  expect(await jumps(page)).toEqual([]);

  // A link to them shows them to anybody.
  await page.getByRole('link', { name: /^Favourites 2/ }).click();
  await expect(page).toHaveURL(`${rates.url}/?symbols=eur,usd`);
  await expect(page.locator('table.rates tbody tr')).toHaveCount(2);
  await page.getByRole('button', { name: 'Pin USD' }).click();
  await expect(page.locator(first)).toContainText('Euro');
  await page.getByRole('link', { name: 'All 76' }).click();
  await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
  await expect(page.locator(first)).toContainText('Euro');
});

test('another tab changes them, at any moment', async ({ page, context, rates }) => {
  await rates.start();
  const other = await context.newPage();
  await other.goto(rates.url);
  await hydrated(other);
  // Sats have a remark, which other rows have not.
  await other.getByRole('button', { name: 'Pin EUR' }).click();
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(rates.url);
  await expect(page.locator(first)).toContainText('Euro');
  // The page is in order, and not yet taken over.
  await other.getByRole('button', { name: 'Pin SATS' }).click();
  await other.getByRole('button', { name: 'Pin EUR' }).click();
  release();
  await hydrated(page);
  await expect(page.locator(first)).toContainText('Satoshi');
  await expect(page.getByRole('button', { name: 'Pin EUR' })).toHaveAttribute('aria-pressed', 'false');
  // Later, too.
  await other.getByRole('button', { name: 'Pin SATS' }).click();
  await other.getByRole('button', { name: 'Pin USD' }).click();
  await expect(page.locator(first)).toContainText('US Dollar');
});

test('a browser that keeps nothing shows the page all the same', async ({ page, rates }) => {
  await rates.start();
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('denied', 'SecurityError');
      },
    });
  });
  await page.goto(rates.url);
  await hydrated(page);
  await page.getByRole('button', { name: 'Pin EUR' }).click();
  await expect(page.locator(first)).toContainText('Euro');
});

test.describe('a link', () => {
  test.use({ javaScriptEnabled: false });

  test('to some of them works without JavaScript', async ({ page, rates }) => {
    await rates.start();
    await page.goto(`${rates.url}/?symbols=usd,xau&sort=name`);
    await expect(page.locator('table.rates tbody tr')).toHaveText([/Gold/, /US Dollar/]);
    await expect(page.getByRole('link', { name: 'Of the link 2' })).toBeVisible();
  });
});
