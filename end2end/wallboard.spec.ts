// The wallboard: large, without controls, and unmistakable when the rates are not live.

import AxeBuilder from '@axe-core/playwright';
import { expect, fonts, hydrated, standStill, test, write } from './server';

const tiles = '.tiles > li';

test.use({ viewport: { width: 1920, height: 1080 } });

test('it pages through all rates by itself, and is steered when touched', async ({ page, rates }) => {
  await rates.start();
  await page.clock.install({ time: Date.now() });
  await page.goto(`${rates.url}/?view=board`);
  const place = page.locator('.wall-page');
  await expect(place).toHaveText('1 / 9');
  await standStill(page);
  await expect(page.locator(tiles)).toHaveCount(9);
  await expect(page.locator(tiles).filter({ hasText: 'USD' })).toContainText('75,817.76');
  await expect(page.locator('.wall .taken')).toContainText('Rates of');
  await expect(page.locator('.wall .credit')).toHaveText('Data provided by CoinGecko');
  await expect(page.locator('.wall-controls')).toBeHidden();
  const shown = new Set<string>();
  for (let turn = 1; turn <= 9; turn += 1) {
    await expect(place).toHaveText(`${turn} / 9`);
    for (const code of await page.locator('.tile-code').allTextContents()) shown.add(code);
    await page.clock.runFor(12_000);
  }
  await expect(place).toHaveText('1 / 9');
  // All but the base.
  expect(shown.size).toBe(75);

  await page.mouse.move(300, 300);
  await expect(page.locator('.wall-controls')).toBeVisible();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(place).toHaveText('2 / 9');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.clock.runFor(60_000);
  await expect(place).toHaveText('2 / 9, paused');
  await expect(page.locator('.wall-controls')).toBeHidden();
  await page.keyboard.press('k');
  await expect(place).toHaveText('1 / 9, paused');
  await page.keyboard.press(' ');
  await expect(place).toHaveText('1 / 9');
  await page.keyboard.press('w');
  await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
  await expect(page).toHaveURL(rates.url + '/');
  await page.goBack();
  await expect(page.locator(tiles)).toHaveCount(9);
});

test('it shows the favourites', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  for (const code of ['EUR', 'USD', 'VND']) await page.getByRole('button', { name: `Pin ${code}` }).click();
  await page.getByRole('link', { name: 'Wallboard' }).click();
  await expect(page).toHaveURL(`${rates.url}/?symbols=eur,usd,vnd&view=board`);
  await expect(page.locator('.tile-code')).toHaveText(['USD', 'EUR', 'VND']);
});

for (const font of Object.values(fonts)) {
  test(`values fill their tiles without leaving them, in ${font}`, async ({ page, rates }) => {
    await rates.start();
    await write(page, font);
    for (const [base, amount] of [['btc', '1'], ['btc', '1000000'], ['btc', '999999999999999'], ['vnd', '1'], ['xau', '1']]) {
      await page.goto(`${rates.url}/?view=board&base=${base}&amount=${amount}`);
      await expect(page.locator('.wall-page')).toContainText('1 / 9');
      // The texts themselves: a box does not grow with what leaves it. A long name may be cut.
      const over = await page.locator(tiles).evaluateAll((all) =>
        all.filter((tile) => {
          const { right } = tile.getBoundingClientRect();
          return [...tile.querySelectorAll(':scope > :not(.tile-name)')].some((part) => {
            const text = document.createRange();
            text.selectNodeContents(part);
            return text.getBoundingClientRect().right > right;
          });
        }).map((tile) => tile.textContent),
      );
      expect(over).toEqual([]);
    }
  });
}

test('with favourites, each value stands under its own code, also after new rates', async ({ page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  for (const [favourites, address] of [
    ['lbp,usd,vnd', '/?view=board'],
    ['sats,usd', '/?view=board&base=eur'],
    ['xau,eur', '/?view=board&sort=name&dir=desc'],
  ]) {
    await page.goto(rates.url);
    await page.evaluate((favourites) => localStorage.setItem('favourites', favourites), favourites);
    await page.goto(rates.url + address);
    await expect(page.locator('.wall-page')).toContainText('1 /');
    const usd = 76_000.25 + Math.random();
    rates.upstream.values = { usd };
    const dollars = page.locator(tiles).filter({ hasText: 'US Dollar' }).locator('.tile-value');
    const base = new URL(address, rates.url).searchParams.get('base') ?? 'btc';
    await rates.waitFor('usd', usd);
    const { rates: told } = await (await fetch(`${rates.url}/api/rates?base=${base}`)).json();
    if (favourites.includes('usd')) {
      await expect
        .poll(async () => Number((await dollars.textContent())!.replaceAll(',', '')) / told.usd.value)
        .toBeCloseTo(1, 6);
    }
    const shown = await page.locator(tiles).evaluateAll((all) =>
      all.map((tile) => [
        tile.querySelector('data')!.value,
        Number(tile.querySelector('.tile-value')!.textContent!.replaceAll(',', '')),
      ] as const),
    );
    for (const [code, value] of shown) expect(value / told[code].value, code).toBeCloseTo(1, 3);
    expect(shown[0][0]).toBe(favourites.split(',').find((code) => shown[0][0] === code));
  }
});

test('a key on a button presses the button', async ({ page, rates }) => {
  await rates.start();
  await page.clock.install({ time: Date.now() });
  await page.goto(`${rates.url}/?view=board`);
  await expect(page.locator('.wall-page')).toHaveText('1 / 9');
  // Nor does it go on by itself meanwhile.
  await standStill(page);
  await page.mouse.move(20, 20);
  await page.getByRole('button', { name: 'Next' }).focus();
  await page.keyboard.press(' ');
  await expect(page.locator('.wall-page')).toHaveText('2 / 9');
});

test('figures are large enough for ten metres', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?view=board`);
  await expect(page.locator('.wall-page')).toContainText('1 / 9');
  const sizes = await page.evaluate(() => {
    const size = (selector: string) =>
      parseFloat(getComputedStyle(document.querySelector(selector)!).fontSize) / window.innerHeight;
    return { value: size('.tile:not(.long, .longer) .tile-value'), age: size('.wall .taken') };
  });
  // A digit is 0.7 of the size high. On a screen of 55 inches, 68 cm high, a value is then at least 40 mm
  // high, which is read from ten metres without effort, and the age 14 mm, which can be read.
  expect(sizes.value * 0.7 * 680).toBeGreaterThan(40);
  expect(sizes.age * 0.7 * 680).toBeGreaterThan(14);
});

test.describe('what is not live', () => {
  test.use({ expectSilence: false });

  test('a sample can not be missed', async ({ page, rates }) => {
    rates.upstream.failing = true;
    await rates.start({ RATES_SOURCES: 'coingecko,sample' });
    await page.goto(`${rates.url}/?view=board`);
    await expect(page.locator('.wall-banner')).toHaveText('SAMPLE, NOT LIVE RATES');
    await expect(page.locator('.wall')).toHaveClass(/wall-bad/);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  test('nor rates that have grown old; the board goes on when the server is back', async ({ page, rates }) => {
    await rates.start();
    await page.clock.install({ time: Date.now() });
    await page.goto(`${rates.url}/?view=board`);
    await expect(page.locator('.wall-page')).toContainText('1 / 9');
    await expect(page.locator('.wall-banner')).toBeHidden();
    await rates.stop();
    await page.clock.runFor(600_000);
    await expect(page.locator('.wall-banner')).toHaveText('STALE RATES');
    await expect(page.locator('.wall .taken')).toContainText('10 min ago');
    await expect(page.locator(tiles).first()).toBeVisible();
    await rates.start();
    await page.clock.runFor(130_000);
    await expect(page.locator('.wall-banner')).toBeHidden();
  });

  test('it reloads itself for a new version, and stays a wallboard', async ({ page, rates }) => {
    await rates.start({ APP_VERSION: '1.0.0', CACHE_DURATION: '2' });
    let loads = 0;
    page.on('load', () => (loads += 1));
    await page.goto(`${rates.url}/?view=board&base=eur`);
    await expect(page.locator('.wall-page')).toContainText('1 / 9');
    await rates.stop();
    await rates.start({ APP_VERSION: '1.1.0', CACHE_DURATION: '2' });
    await expect.poll(() => loads).toBe(2);
    await expect(page.locator('.wall h1')).toHaveText('1 EUR is');
    await expect(page.locator('.wall-page')).toContainText('1 / 9');
  });
});

test('the screen is asked to stay awake, again where the browser has let it go, and only for the wall', async ({
  page,
  rates,
}) => {
  await rates.start();
  await page.addInitScript(() => {
    const screen = { asked: 0, refusing: true, lock: { released: true, release: () => Promise.resolve() } };
    Object.assign(window, { awake: screen });
    Object.defineProperty(navigator, 'wakeLock', {
      value: {
        request(kind: string) {
          if (kind === 'screen') screen.asked += 1;
          if (screen.refusing) return Promise.reject(new DOMException('low battery', 'NotAllowedError'));
          const lock = { released: false, release: () => Promise.resolve(void (lock.released = true)) };
          screen.lock = lock;
          return Promise.resolve(lock);
        },
      },
    });
  });
  type Screen = { awake: { asked: number; refusing: boolean; lock: { released: boolean } } };
  const state = () =>
    page.evaluate(() => {
      const { asked, lock } = (window as unknown as Screen).awake;
      return [asked, lock.released ? 'dark' : 'awake'];
    });
  await page.clock.install({ time: Date.now() });
  await page.goto(rates.url);
  await hydrated(page);
  await standStill(page);
  await page.clock.runFor(5_000);
  expect(await state()).toEqual([0, 'dark']);
  await page.keyboard.press('w');
  await page.clock.runFor(1_000);
  await expect.poll(state).toEqual([1, 'dark']);
  // Refused, it is asked again, but not all the time.
  await page.clock.runFor(55_000);
  expect(await state()).toEqual([1, 'dark']);
  await page.evaluate(() => ((window as unknown as Screen).awake.refusing = false));
  await page.clock.runFor(10_000);
  await expect.poll(state).toEqual([2, 'awake']);
  await page.clock.runFor(120_000);
  expect(await state()).toEqual([2, 'awake']);
  // As browsers do when the page is hidden.
  await page.evaluate(() => {
    (window as unknown as Screen).awake.lock.released = true;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await page.clock.runFor(1_000);
  await expect.poll(state).toEqual([3, 'awake']);
  await page.keyboard.press('w');
  await expect(page.locator('table.rates')).toBeVisible();
  await page.clock.runFor(2_000);
  await expect.poll(state).toEqual([3, 'dark']);
});

test('it says what was wrong in the address, and why there are no changes', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?view=board&base=nosuch`);
  await expect(page.locator('.wall-page')).toContainText('1 / 9');
  await expect(page.locator('.wall-note')).toContainText('no such currency is known here');
  await page.goto(`${rates.url}/?view=board`);
  await expect(page.locator('.wall-page')).toContainText('1 / 9');
  await expect(page.locator('.wall-note')).toContainText('Changes over 24 hours appear once');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('all tiles are there, to be scrolled', async ({ page, rates }) => {
    await rates.start();
    await page.goto(`${rates.url}/?view=board&type=fiat`);
    await expect(page.locator(tiles)).toHaveCount(60);
    await expect(page.locator('.wall .taken')).toContainText('UTC');
    await expect(page.getByRole('button')).toHaveCount(0);
    await page.getByRole('link', { name: 'Table' }).click();
    await expect(page.locator('table.rates tbody tr')).toHaveCount(60);
  });
});
