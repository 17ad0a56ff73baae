// The page by keyboard alone, the help, and light or dark.

import { expect, hydrated, test } from './server';

const row = (code: string) => `table.rates tbody tr:has(button[value=${code}])`;

test('everything can be done by keyboard', async ({ page, context, rates }) => {
  await rates.start();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(rates.url);
  await hydrated(page);
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('dollar');
  await expect(page).toHaveURL(`${rates.url}/?q=dollar`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('j');
  const links = page.locator('table.rates tbody th a');
  await expect(links.first()).toBeFocused();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(links.nth(2)).toBeFocused();
  await page.keyboard.press('k');
  await expect(links.nth(1)).toBeFocused();

  // The keyboard stays with the row, wherever that goes.
  const second = await links.nth(1).textContent();
  await page.keyboard.press('f');
  await expect(links.first()).toHaveText(second!);
  await expect(links.first()).toBeFocused();
  await page.keyboard.press('f');
  await expect(links.nth(1)).toHaveText(second!);
  await expect(links.nth(1)).toBeFocused();

  const code = (await page.locator('table.rates tbody tr').nth(1).locator('button').getAttribute('value'))!;
  await page.keyboard.press('c');
  await expect(page.locator('.told')).toContainText('Copied');
  await page.keyboard.press('b');
  await expect(page).toHaveURL(`${rates.url}/?base=${code}&q=dollar`);
  await expect(page.locator(`${row(code)} a`)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${rates.url}/?base=${code}&q=dollar&symbol=${code}`);
  await page.keyboard.press('Escape');
  await expect(page.locator('.detail')).toHaveCount(0);
});

test('a star pressed by key keeps the keyboard', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const star = page.getByRole('button', { name: 'Pin EUR' });
  await star.focus();
  await page.keyboard.press(' ');
  await expect(star).toHaveAttribute('aria-pressed', 'true');
  await expect(star).toBeFocused();
});

test('Escape empties the search, then leaves it', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?symbol=usd`);
  await hydrated(page);
  const search = page.getByRole('searchbox');
  await search.fill('dollar');
  await page.keyboard.press('Escape');
  await expect(search).toHaveValue('');
  await expect(search).toBeFocused();
  await expect(page).toHaveURL(`${rates.url}/?symbol=usd`);
  await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
  await page.keyboard.press('Escape');
  await expect(search).not.toBeFocused();
  await expect(page.locator('.detail')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.detail')).toHaveCount(0);
});

test('letters that are not Latin go by their place', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  /** A key of a Russian keyboard, whose letters Playwright knows no place of. */
  const press = (key: string, code: string) =>
    page.evaluate(
      ([key, code]) => {
        const init = { key, code, bubbles: true, cancelable: true };
        (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', init));
      },
      [key, code],
    );
  const links = page.locator('table.rates tbody th a');
  await press('о', 'KeyJ');
  await expect(links.first()).toBeFocused();
  await press('о', 'KeyJ');
  await expect(links.nth(1)).toBeFocused();
  await press('л', 'KeyK');
  await expect(links.first()).toBeFocused();
  // A Latin letter is what it says, wherever it is: K of Dvorak's keyboard is at V.
  await press('j', 'KeyC');
  await expect(links.nth(1)).toBeFocused();
});

test('what is focused is seen', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const seen = new Set<string>();
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press('Tab');
    const { name, outline } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const style = getComputedStyle(element);
      const ring = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      return { name: element.getAttribute('aria-label') ?? element.textContent!.slice(0, 20), outline: ring };
    });
    seen.add(name);
    expect(outline, name).toBe(true);
  }
  expect(seen.size).toBeGreaterThan(20);
});

test('the help tells the keys, and turns them off', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await expect(help).toBeVisible();
  await expect(help).toContainText('next row');
  await help.getByLabel('Single letters do this').uncheck();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).not.toBeFocused();
  await page.reload();
  await hydrated(page);
  await page.keyboard.press('j');
  await expect(page.locator('table.rates tbody tr a').first()).not.toBeFocused();
  await page.getByRole('button', { name: 'Keys and help' }).click();
  await help.getByLabel('Single letters do this').check();
  await help.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
});

test('the help closes by its key and by a click beside it', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  const help = page.getByRole('dialog', { name: 'Keys' });
  for (const opened of ['by key', 'by its button']) {
    for (const close of [() => page.keyboard.press('?'), () => page.mouse.click(20, 400)]) {
      if (opened === 'by key') await page.keyboard.press('?');
      else await page.getByRole('button', { name: 'Keys and help' }).click();
      await expect(help).toBeVisible();
      // In it, nothing happens.
      await help.getByText('next row').click();
      await expect(help).toBeVisible();
      await close();
      await expect(help).toBeHidden();
    }
  }
});

for (const [system, other] of [['light', 'dark'], ['dark', 'light']] as const) {
  test.describe(`on a ${system} system`, () => {
    test.use({ colorScheme: system });

    test('the theme button changes what is seen at its first press', async ({ page, rates }) => {
      await rates.start();
      await page.goto(rates.url);
      await hydrated(page);
      const button = page.getByRole('button', { name: /^Theme/ });
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const before = await ground();
      for (const [theme, changed] of [[other, true], [system, false], ['system', false]] as const) {
        await button.click();
        await expect(button).toHaveAccessibleName(`Theme: ${theme}`);
        expect((await ground()) !== before, theme).toBe(changed);
      }
    });
  });
}

// Its aborted requests are in the console.
for (const [system, chosen] of [['light', 'dark'], ['dark', 'light']] as const) {
  test.describe(`on a ${system} system`, () => {
    test.use({ colorScheme: system, expectSilence: false });

    test(`${chosen} can be chosen, and is there at once`, async ({ page, rates }) => {
      await rates.start();
      await page.goto(rates.url);
      await hydrated(page);
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const grounds = { light: 'rgb(251, 252, 251)', dark: 'rgb(14, 21, 20)' };
      expect(await ground()).toBe(grounds[system]);
      while ((await page.getByRole('button', { name: /^Theme/ }).getAttribute('aria-label')) !== `Theme: ${chosen}`) {
        await page.keyboard.press('t');
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
      expect(await ground()).toBe(grounds[chosen]);
      // Before any script of the page's own has come.
      await page.route('**/pkg/*.{js,wasm}', (route) => route.abort());
      await page.reload({ waitUntil: 'commit' });
      await page.locator('table.rates').waitFor();
      expect(await ground()).toBe(grounds[chosen]);
    });
  });
}

test.describe('with a script that does not come', () => {
  test.use({ expectSilence: false });
  test('links and forms work all the same', async ({ page, rates }) => {
    await rates.start();
    await page.route('**/pkg/*.{js,wasm}', (route) => route.abort());
    await page.goto(rates.url);
    await page.getByRole('link', { name: 'Commodity 2' }).click();
    await expect(page.locator('table.rates tbody tr')).toHaveCount(2);
  });
});

test('the keyboard stays with its currency when new rates change the order', async ({ page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  await page.goto(`${rates.url}/?sort=value&dir=desc`);
  await hydrated(page);
  const link = page.locator(`${row('usd')} th a`);
  const star = page.locator(`${row('usd')} button`);
  const place = () => page.locator(row('usd')).evaluate((row) => [...row.parentElement!.children].indexOf(row));
  await link.focus();
  const before = await place();
  // Less than the euro, which it stood above.
  rates.upstream.values = { usd: 64_500.25 };
  await expect.poll(place).toBeGreaterThan(before);
  await expect(link).toBeFocused();
  await star.focus();
  rates.upstream.values = {};
  await expect.poll(place).toBe(before);
  await expect(star).toBeFocused();
});
