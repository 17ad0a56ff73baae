// What is typed, chosen or pressed before the page is hydrated is kept.

import { type Page } from '@playwright/test';
import { expect, hydrated, test } from './server';

/** Holds the wasm back; returns what lets it come. */
async function held(page: Page) {
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  return async () => {
    await expect(page.locator('html')).not.toHaveAttribute('data-live');
    release();
    await hydrated(page);
  };
}

const first = (page: Page) => page.locator('table.rates tbody tr').first();

test('fields keep what is typed and chosen, and it is shown', async ({ page, rates }) => {
  await rates.start();
  const release = await held(page);
  await page.goto(rates.url);
  await page.getByLabel('Amount').fill('250');
  await page.getByLabel('Base').selectOption('eur');
  await page.getByRole('combobox', { name: 'In', exact: true }).selectOption('gbp');
  await page.getByRole('searchbox').fill('dollar');
  await release();
  await expect(page.locator('table.rates tbody tr')).toHaveCount(8);
  await expect(page.getByLabel('Amount')).toHaveValue('250');
  await expect(page.getByLabel('Base')).toHaveValue('eur');
  await expect(page.getByRole('combobox', { name: 'In', exact: true })).toHaveValue('gbp');
  await expect(page.getByRole('searchbox')).toHaveValue('dollar');
  await expect(page).toHaveURL(`${rates.url}/?base=eur&amount=250&q=dollar&symbol=gbp`);
  await expect(page.locator('#pair')).toHaveText('British Pound Sterling per Euro');
});

test('focus and caret stay, and the next key goes where the last one went', async ({ page, rates }) => {
  await rates.start();
  const release = await held(page);
  await page.goto(rates.url);
  const search = page.getByRole('searchbox');
  await search.focus();
  await page.keyboard.type('doar');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('l');
  await release();
  await expect(search).toBeFocused();
  await page.keyboard.type('l');
  await expect(search).toHaveValue('dollar');
  await expect(page).toHaveURL(`${rates.url}/?q=dollar`);
  await expect(page.locator('table.rates tbody tr')).toHaveCount(8);
});

test('what is typed while the page is being hydrated is kept, too', async ({ page, rates }) => {
  await rates.start();
  await page.addInitScript(() => {
    // The first task after the page was hydrated, as that of a key.
    const observer = new MutationObserver(() => {
      observer.disconnect();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const field = document.querySelector<HTMLInputElement>('[name=q]')!;
        field.value += 'ar';
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      };
      port2.postMessage('');
    });
    observer.observe(document, { attributes: true, subtree: true, attributeFilter: ['data-live'] });
  });
  const release = await held(page);
  await page.goto(rates.url);
  await page.getByRole('searchbox').fill('doll');
  await release();
  await expect(page).toHaveURL(`${rates.url}/?q=dollar`);
  await expect(page.getByRole('searchbox')).toHaveValue('dollar');
});

test('stars, theme and help act once the page is hydrated, in order', async ({ page, rates }) => {
  await rates.start();
  const release = await held(page);
  await page.goto(rates.url);
  await page.getByRole('button', { name: 'Pin EUR' }).click();
  // Twice is not at all.
  await page.getByRole('button', { name: 'Pin USD' }).click();
  await page.getByRole('button', { name: 'Pin USD' }).click();
  await page.getByRole('button', { name: 'Pin XAU' }).focus();
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('button', { name: 'Keys and help' }).click();
  await release();
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.keyboard.press('Escape');
  const pinned = page.locator('table.rates button[aria-pressed=true]');
  expect(await pinned.evaluateAll((stars) => stars.map((star) => (star as HTMLButtonElement).value))).toEqual(['eur', 'xau']);
  await expect(first(page)).toContainText('Euro');
});

test('a row opens once, and its table of numbers stays as it was left', async ({ page, rates }) => {
  await rates.start();
  const release = await held(page);
  await page.goto(rates.url);
  await page.locator('table.rates tbody tr:has([value=eur]) td:nth-child(4)').click();
  await release();
  await expect(page.locator('#pair')).toHaveText('Euro per Bitcoin');
  await expect(page).toHaveURL(`${rates.url}/?symbol=eur`);
  await page.goBack();
  await expect(page).toHaveURL(`${rates.url}/`);
  await expect(page.locator('.detail')).toHaveCount(0);
});

test('the wallboard pauses and turns', async ({ page, rates }) => {
  await rates.start();
  const release = await held(page);
  await page.goto(`${rates.url}/?view=board`);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  release().catch(() => {});
  await expect(page.locator('.wall-page')).toHaveText(/^2 \/ \d+, paused$/);
});

test('links and Refresh work at once, with what is typed', async ({ page, rates }) => {
  await rates.start();
  await held(page);
  await page.goto(rates.url);
  await page.getByLabel('Amount').fill('250');
  await page.getByLabel('Base').selectOption('eur');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page).toHaveURL(/base=eur&amount=250/);
  await expect(page.locator('.highlights h2')).toHaveText('250 EUR is');
  await page.getByRole('link', { name: 'Commodity 2' }).click();
  await expect(page.locator('table.rates tbody tr')).toHaveCount(2);
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  test('numbers are read as they were meant', async ({ page, rates }) => {
    await rates.start();
    const release = await held(page);
    // Its amount is written anew in German, as `2,5`.
    await page.goto(`${rates.url}/?amount=2.5&lang=en`);
    await page.getByLabel('Amount').fill('1.234');
    await page.getByLabel('Base').selectOption('eur');
    await release();
    await expect(page.locator('.highlights h2')).toHaveText('1.234 EUR is');
    await expect(page).toHaveURL(`${rates.url}/?base=eur&amount=1234&lang=en`);
  });
});

test('a page that a password manager has changed keeps fields, focus and stars, too', async ({ page, rates }) => {
  await rates.start();
  const release = await held(page);
  await page.goto(rates.url);
  await page.evaluate(() => document.querySelector('.amount')!.after(document.createElement('div')));
  await page.getByRole('button', { name: 'Pin EUR' }).click();
  await page.getByLabel('Amount').focus();
  await page.keyboard.press('End');
  await page.keyboard.type('00');
  await release();
  await expect(page.getByLabel('Amount')).toBeFocused();
  await page.keyboard.type('0');
  await expect(page.getByLabel('Amount')).toHaveValue('1000');
  await expect(page).toHaveURL(`${rates.url}/?amount=1000`);
  await expect(page.getByRole('button', { name: 'Pin EUR' })).toHaveAttribute('aria-pressed', 'true');
});

test.describe('when the wasm never comes', () => {
  test.use({ expectSilence: false });

  test('fields keep what is typed, and the form works', async ({ page, rates }) => {
    await rates.start();
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto(rates.url);
    await expect(page.locator('.pill')).toHaveText('Not refreshing');
    await page.getByRole('button', { name: 'Pin EUR' }).click();
    await page.getByRole('searchbox').fill('dollar');
    await expect(page.getByRole('searchbox')).toHaveValue('dollar');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/q=dollar/);
    await expect(page.locator('table.rates tbody tr')).toHaveCount(8);
  });
});

test('so it is at 30 KB/s on a slow phone', async ({ page, rates }) => {
  await rates.start();
  const phone = await page.context().newCDPSession(page);
  await phone.send('Network.enable');
  await phone.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 100,
    downloadThroughput: 30_000,
    uploadThroughput: 30_000,
  });
  await phone.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.goto(rates.url, { waitUntil: 'commit' });
  const search = page.getByRole('searchbox');
  await search.click();
  await expect(page.locator('html')).not.toHaveAttribute('data-live');
  const star = page.getByRole('button', { name: 'Pin SGD' });
  await star.click();
  await search.focus();
  // Letters come while the page is hydrated, too, until it is.
  const typed = 'singapore dollar';
  for (const letter of typed) await page.keyboard.type(letter, { delay: 100 });
  await hydrated(page);
  await expect(search).toHaveValue(typed);
  await expect(search).toBeFocused();
  await expect(page.locator('table.rates tbody tr')).toHaveCount(1);
  await expect(star).toHaveAttribute('aria-pressed', 'true');
});
