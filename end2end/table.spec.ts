// The table: tabs, search, sort, base and amount, with JavaScript and without.

import { expect, hydrated, test } from './server';

const rows = 'table.rates tbody tr';

test('every rate is there, with the source and the time', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  await expect(page.locator(rows)).toHaveCount(76);
  await expect(page.locator('.pill')).toHaveText('Live');
  await expect(page.getByRole('link', { name: 'Data provided by CoinGecko' })).toHaveAttribute(
    'href',
    'https://www.coingecko.com',
  );
  const usd = page.locator(rows).filter({ hasText: 'US Dollar' });
  await expect(usd.locator('td').nth(2)).toHaveText('75,817.76');
  // The reader's own time, once hydrated.
  const { last_updated } = await (await fetch(`${rates.url}/api/rates`)).json();
  const berlin = new Date(last_updated).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' });
  await expect(page.locator('.taken time')).toContainText(berlin);
  await expect(page.locator('.taken time')).toHaveAttribute('title', /UTC$/);
});

test('tabs, search and sort work at once and stand in the address', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const document = await page.evaluateHandle(() => window.document.documentElement);

  await page.getByRole('link', { name: 'Commodity 2' }).click();
  await expect(page.locator(rows)).toHaveCount(2);
  await expect(page).toHaveURL(`${rates.url}/?type=commodity`);
  await page.goBack();
  await expect(page.locator(rows)).toHaveCount(76);

  await page.getByRole('searchbox').fill('new zea');
  await expect(page.locator(rows)).toHaveText([/New Zealand Dollar/]);
  await expect(page).toHaveURL(`${rates.url}/?q=new%20zea`);
  await expect(page.getByRole('link', { name: 'Fiat 1' })).toBeVisible();
  await page.getByRole('searchbox').fill('nothing like it');
  await expect(page.getByText('Nothing matches “nothing like it” here.')).toBeVisible();
  await page.getByRole('searchbox').fill('');

  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link', { name: 'Name' }).click();
  await expect(page.locator(rows).first()).toContainText('Argentine Peso');
  await expect(page.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link', { name: 'Name' }).click();
  await expect(page.locator(rows).first()).toContainText('Zambian Kwacha');
  await expect(page).toHaveURL(`${rates.url}/?sort=name&dir=desc`);

  // All of that without loading a page.
  expect(await document.evaluate((element) => element === window.document.documentElement)).toBe(true);
});

test('an amount and a base turn the table into a converter', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  await page.getByLabel('Base').selectOption('eur');
  await page.getByLabel('Amount').fill('250');
  await expect(page).toHaveURL(`${rates.url}/?base=eur&amount=250`);
  await expect(page.locator('.highlights-heading')).toHaveText('250 EUR is');
  const usd = page.locator(rows).filter({ hasText: 'US Dollar' });
  await expect(usd.locator('td').nth(2)).toHaveText('290.61');
  const gold = page.locator(rows).filter({ hasText: 'Gold' });
  await expect(gold.locator('td').nth(2)).toHaveText('0.06456');
  await page.reload();
  await hydrated(page);
  await expect(page.getByLabel('Base')).toHaveValue('eur');
  await expect(page.getByLabel('Amount')).toHaveValue('250');
  await expect(usd.locator('td').nth(2)).toHaveText('290.61');
});

test('the amount is read as it is typed, and comes back with the back button', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const amount = page.getByLabel('Amount');
  await amount.fill('');
  await amount.pressSequentially('1,000.5');
  await expect(amount).toHaveValue('1,000.5');
  await expect(page.locator('.highlights-heading')).toHaveText('1,000.5 BTC is');
  await amount.pressSequentially('x');
  await expect(amount).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('.highlights-heading')).toHaveText('1,000.5 BTC is');
  await amount.fill('2');
  await page.getByLabel('Base').selectOption('usd');
  await amount.fill('30');
  await page.goBack();
  await expect(page.locator('.highlights-heading')).toHaveText('2 BTC is');
  await expect(amount).toHaveValue('2');
  await expect(page.getByLabel('Base')).toHaveValue('btc');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the same works by links and a form', async ({ page, rates }) => {
    await rates.start();
    await page.goto(rates.url);
    await expect(page.locator(rows)).toHaveCount(76);
    await expect(page.locator('.taken time')).toContainText('UTC');
    // No script refreshes it, so the browser does.
    await expect(page.locator('meta[http-equiv=refresh]')).toHaveAttribute('content', '300');
    // Nothing is offered that would do nothing.
    await expect(page.getByRole('button')).toHaveText(['Refresh', 'Show', 'Go']);
    await page.getByRole('link', { name: 'Crypto 14' }).click();
    await expect(page.locator(rows)).toHaveCount(14);
    await page.getByRole('columnheader', { name: 'Code' }).getByRole('link', { name: 'Code' }).click();
    await expect(page.locator(rows).first()).toContainText('BCH');
    await page.getByRole('searchbox').fill('bit');
    await page.getByLabel('Base').selectOption('usd');
    await page.getByLabel('Amount').fill('1000');
    await page.getByRole('button', { name: 'Show' }).click();
    await expect(page.locator(rows)).toHaveText([/Bits/, /Bitcoin Cash/, /Bitcoin/]);
    await expect(page.locator('.highlights-heading')).toHaveText('1,000 USD is');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.locator('.highlights-heading')).toHaveText('1,000 USD is');
    await expect(page.locator(rows)).toHaveCount(3);
    const address = new URL(page.url());
    expect(Object.fromEntries(address.searchParams)).toMatchObject({ type: 'crypto', sort: 'code', q: 'bit' });
  });
});

test('what is wrong in the address is named', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=xyz&sort=up`);
  await hydrated(page);
  await expect(page.locator('.alert-info')).toHaveText(/“sort”.*“base”/);
  await expect(page.locator(rows)).toHaveCount(76);
  // And again when the reader comes back to it.
  await page.getByRole('link', { name: 'Crypto 14' }).click();
  await expect(page.locator('.alert-info')).toHaveCount(0);
  await page.goBack();
  await expect(page.locator('.alert-info')).toHaveText(/“sort”.*“base”/);
  await expect(page.locator(rows).filter({ hasText: 'US Dollar' })).toContainText('75,817.76');
});

test('rows stand in the order of the server, however a search changes', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  for (const search of ['dollar', 'swiss', 'peso']) {
    for (let length = 1; length <= search.length; length += 1) {
      const query = search.slice(0, length);
      await page.getByRole('searchbox').fill(query);
      const html = await (await fetch(`${rates.url}/?q=${query}`)).text();
      const codes = [...html.matchAll(/<b>([A-Z]+)<\/b><a /g)].map((match) => match[1]);
      expect(codes.length).toBeGreaterThan(0);
      await expect(page.locator('table.rates tbody b')).toHaveText(codes);
    }
  }
});
