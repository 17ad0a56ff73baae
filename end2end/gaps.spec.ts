// A source that lacks the reader's currencies for a while changes nothing that the reader has chosen.

import { expect, hydrated, test } from './server';

for (const [view, address, heading] of [
  ['the table', '/?base=eur&amount=250&symbol=gbp', '.highlights h2'],
  ['the wallboard', '/?base=eur&amount=250&view=board', '.wall h1'],
] as const) {
  test(`${view} keeps the reader’s base while it has no rate, and goes on by itself`, async ({ page, rates }) => {
    await rates.start({ CACHE_DURATION: '1' });
    await page.goto(rates.url + address);
    await expect(page.locator('html')).toHaveAttribute('data-live');
    await expect(page.locator(heading)).toHaveText('250 EUR is');
    rates.upstream.missing = ['eur', 'gbp'];
    rates.upstream.values = { usd: 80000.25 };
    await rates.waitFor('usd', 80000.25);
    await page.keyboard.press('r');
    const usd = page.locator('.rates tbody tr, .tiles li').filter({ has: page.locator('[value=usd]') });
    await expect(usd).toContainText('306.6');
    await expect(usd).toContainText('Stale');
    await expect(page.locator(heading)).toHaveText('250 EUR is');
    await expect(page).toHaveURL(rates.url + address);
    if (address.includes('symbol')) await expect(page.locator('.inverse')).toContainText('Stale');
    rates.upstream.missing = [];
    await expect(usd).not.toContainText('Stale');
    await expect(page.locator(heading)).toHaveText('250 EUR is');
  });
}

test('a base that is gone for good stays on an open page, and is waited for by a new one', async ({ context, page, rates }) => {
  await rates.start({ CACHE_DURATION: '1', DELIST_AFTER: '2' });
  const address = `${rates.url}/?base=eur&amount=250`;
  await page.goto(address);
  await hydrated(page);
  rates.upstream.missing = ['eur'];
  await expect.poll(async () => (await fetch(`${rates.url}/api/rates/eur`)).status).toBe(404);
  const heading = '.highlights h2';
  await page.keyboard.press('r');
  await expect(page.locator(heading)).toHaveText('250 EUR is');
  await expect(page.locator('.figure').first()).toContainText('Stale');
  const late = await context.newPage();
  await late.goto(address);
  await hydrated(late);
  await expect(late.locator(heading)).toHaveText('1 BTC is');
  await expect(late.locator('.alert-info')).toContainText('“base” can\'t be “eur” now');
  await expect(late.getByLabel('Base')).toHaveValue('btc');
  await expect(late.getByLabel('Amount')).toHaveValue('1');
  rates.upstream.missing = [];
  for (const reader of [page, late]) {
    await expect(reader.locator(heading)).toHaveText('250 EUR is');
    await expect(reader.locator('.figure').first()).not.toContainText('Stale');
    await expect(reader.getByLabel('Base')).toHaveValue('eur');
    await expect(reader.getByLabel('Amount')).toHaveValue('250');
    await expect(reader).toHaveURL(address);
  }
});
