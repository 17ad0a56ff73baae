// Any base, any amount, any pair; digits, and how they are copied.

import { expect, hydrated, test } from './server';

const row = (code: string) => `table.rates tbody tr:has(button[value=${code}])`;
const value = (code: string) => `${row(code)} td:nth-child(4)`;

test('any two currencies are compared, and swapped', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  await page.getByLabel('Amount').fill('250');
  await page.getByLabel('Base').selectOption('eur');
  await expect(page.getByRole('link', { name: 'Swap' })).toBeHidden();
  await page.getByRole('combobox', { name: 'In', exact: true }).selectOption('usd');
  await expect(page.locator('.pair-value')).toContainText('250 EUR = 290.61 USD');
  await expect(page.locator('.inverse')).toHaveText('1 USD = 0.86027 EUR');
  await expect(page).toHaveURL(`${rates.url}/?base=eur&amount=250&symbol=usd`);
  await page.getByRole('link', { name: 'Swap' }).click();
  await expect(page).toHaveURL(`${rates.url}/?base=usd&amount=250&symbol=eur`);
  await expect(page.locator('.pair-value')).toContainText('250 USD = 215.07 EUR');
  await expect(page.getByLabel('Base')).toHaveValue('usd');
  await expect(page.getByRole('combobox', { name: 'In', exact: true })).toHaveValue('eur');
  await page.goBack();
  await expect(page.locator('.pair-value')).toContainText('250 EUR = 290.61 USD');
});

test('tiny values keep their digits, and no value has more than are known', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=vnd&quote=inverse`);
  await hydrated(page);
  await expect(page.locator(value('btc'))).toHaveText('0.0000000005006742');
  for (const text of await page.locator('table.rates td:nth-child(4)').allTextContents()) {
    expect(text).not.toMatch(/^0(\.0*)?$/);
  }
  await page.goto(`${rates.url}/?base=xau`);
  await expect(page.locator(value('usd'))).toHaveText('4,501');
});

test('decimal points stand below each other', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=usd&type=fiat`);
  await hydrated(page);
  const places = await page.locator('table.rates td:nth-child(4) span:first-child').evaluateAll((spans) =>
    spans.map((span) => Math.round(span.getBoundingClientRect().right)),
  );
  expect(places.length).toBeGreaterThan(2);
  expect(new Set(places).size).toBe(1);
});

test('values are copied as they are shown, or with all their digits', async ({ page, context, rates }) => {
  await rates.start();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${rates.url}/?base=eur&amount=250&symbol=usd`);
  await hydrated(page);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.locator('.told')).toHaveText('Copied 290.61');
  await page.getByRole('button', { name: 'All digits' }).click();
  const all = await (await fetch(`${rates.url}/api/convert?from=eur&to=usd&amount=250`)).json();
  await expect(page.locator('.told')).toHaveText(`Copied ${all.result}`);
  expect(Number(await page.evaluate(() => navigator.clipboard.readText()))).toBe(all.result);
});

test('a value is copied as its reader writes it, without groups', async ({ browser, rates }) => {
  await rates.start();
  const context = await browser.newContext({ locale: 'de-DE', permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  await page.goto(`${rates.url}/?symbol=usd&lang=en`);
  await hydrated(page);
  await expect(page.locator('.pair-value')).toContainText('75.817,76 USD');
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.locator('.told')).toHaveText('Copied 75817,76');
  await context.close();
});

for (const [locale, written, typed] of [
  ['de-DE', '75.817,76', '1.000,5'],
  ['fr-FR', '75\u202f817,76', '1 000,5'],
  ['en-IN', '75,817.76', '1,000.5'],
  ['ar-EG', '٧٥٬٨١٧٫٧٦', '١٬٠٠٠٫٥'],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });

    test('numbers are written and read as the reader does', async ({ page, rates }) => {
      await rates.start();
      // In English, as the reader has chosen; the numbers are the browser's.
      await page.goto(`${rates.url}/?lang=en`);
      await hydrated(page);
      await expect(page.locator(value('usd'))).toHaveText(written);
      const amount = page.getByLabel('Amount');
      await amount.fill(typed);
      await expect(amount).toHaveAttribute('aria-invalid', 'false');
      await expect(page).toHaveURL(`${rates.url}/?amount=1000.5&lang=en`);
      await page.reload();
      await hydrated(page);
      await expect(amount).toHaveAttribute('aria-invalid', 'false');
      await expect(page).toHaveURL(`${rates.url}/?amount=1000.5&lang=en`);
    });
  });
}

test('Indian numbers have their own groups', async ({ browser, rates }) => {
  await rates.start();
  const context = await browser.newContext({ locale: 'en-IN' });
  const page = await context.newPage();
  await page.goto(rates.url);
  await expect(page.locator(value('lbp'))).toHaveText('6,79,05,86,630');
  await context.close();
});
