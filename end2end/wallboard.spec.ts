// The wallboard: large, without controls, and unmistakable when the rates are not live.

import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { record } from './past';
import { binary, expect, fonts, hydrated, standStill, test, write } from './server';

const tiles = '.tiles > li';

test.use({ viewport: { width: 1920, height: 1080 } });

test('it shows the favourites', async ({ page, rates }) => {
  await rates.start();
  await page.goto(rates.url);
  await hydrated(page);
  for (const code of ['EUR', 'USD', 'VND']) await page.getByRole('button', { name: `Pin ${code}` }).click();
  await page.getByRole('link', { name: 'Wallboard' }).click();
  await expect(page).toHaveURL(`${rates.url}/?symbols=eur,usd,vnd&view=board`);
  await expect(page.locator('.tile-code')).toHaveText(['EUR', 'USD', 'VND']);
});

for (const font of Object.values(fonts)) {
  test(`values fill their tiles without leaving them, in ${font}`, async ({ page, rates }) => {
    await rates.start();
    await write(page, font);
    for (const [base, amount] of [['btc', '1'], ['btc', '1000000'], ['btc', '999999999999999'], ['vnd', '1'], ['xau', '1']]) {
      await page.goto(`${rates.url}/?view=board&base=${base}&amount=${amount}`);
      await expect(page.locator('.wall-page')).toContainText('1 / 12');
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
    ['sats,usd', '/?view=board&base=eur&quote=inverse&digits=all'],
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

test('figures are large enough for ten metres', async ({ page, rates }) => {
  await rates.start();
  // Numbers of up to nine characters; a longer one makes all of its page smaller.
  await page.goto(`${rates.url}/?view=board&symbols=usd,eur,gbp,chf,cad,aud,sgd,eth,xau`);
  await expect(page.locator('.wall-page')).toContainText('1 / 1');
  await expect(page.locator(tiles)).toHaveCount(9);
  const sizes = await page.evaluate(() => {
    const size = (selector: string) =>
      parseFloat(getComputedStyle(document.querySelector(selector)!).fontSize) / window.innerHeight;
    return { value: size('.tile-value'), age: size('.wall .taken') };
  });
  // A digit is 0.7 of the size high. On a screen of 55 inches, 68 cm high, a value is then at least 40 mm
  // high, which is read from ten metres without effort, and the age 14 mm, which can be read.
  expect(sizes.value * 0.7 * 680).toBeGreaterThan(40);
  expect(sizes.age * 0.7 * 680).toBeGreaterThan(14);
});

/** Where the tiles are, and what is to be filled with them. */
async function grid(page: Page) {
  return page.evaluate(() => {
    const boxes = [...document.querySelectorAll('.tiles > li')].map((tile) => tile.getBoundingClientRect());
    const main = document.querySelector('.wall main')!.getBoundingClientRect();
    const distinct = (lengths: number[]) => new Set(lengths.map(Math.round)).size;
    return {
      columns: distinct(boxes.map(({ left }) => left)),
      rows: distinct(boxes.map(({ top }) => top)),
      left: Math.max(
        Math.abs(Math.max(...boxes.map(({ right }) => right)) - main.right),
        Math.abs(Math.max(...boxes.map(({ bottom }) => bottom)) - main.bottom),
      ),
    };
  });
}

const nine = ['usd', 'eur', 'gbp', 'jpy', 'chf', 'cad', 'aud', 'eth', 'xau'];

for (const [name, width, height, grids] of [
  ['wide', 1920, 1080, ['1×1', '2×1', '3×1', '2×2', '3×2', '3×2', '3×3', '3×3', '3×3']],
  ['high', 1080, 1920, ['1×1', '1×2', '1×3', '1×4', '2×3', '2×3', '2×4', '2×4', '2×4']],
] as const) {
  test.describe(`a ${name} screen`, () => {
    test.use({ viewport: { width, height } });

    test('is filled by one tile as by nine', async ({ page, rates }) => {
      await rates.start();
      for (const [more, expected] of grids.entries()) {
        await page.goto(`${rates.url}/?view=board&symbols=${nine.slice(0, more + 1).join()}`);
        await expect(page.locator('.wall-page')).toContainText('1 /');
        const { columns, rows, left } = await grid(page);
        expect(`${columns}×${rows}`, `${more + 1} tiles`).toBe(expected);
        expect(left, `${more + 1} tiles`).toBeLessThan(1);
      }
    });
  });
}

test('the tiles stand in the order of the link', async ({ page, rates }) => {
  await rates.start();
  for (const symbols of ['xau,eur,usd', 'usd,eur,xau', 'vnd,btc,eth,jpy']) {
    await page.goto(`${rates.url}/?view=board&base=gbp&symbols=${symbols}`);
    await expect(page.locator('.wall-page')).toContainText('1 / 1');
    await expect(page.locator('.tile-code')).toHaveText(symbols.toUpperCase().split(','));
  }
});

test('all numbers of a page are of one size, which follows from the longest', async ({ page, rates }) => {
  await rates.start();
  const sizes = async (symbols: string) => {
    await page.goto(`${rates.url}/?view=board&symbols=${symbols}`);
    await expect(page.locator('.wall-page')).toContainText('1 / 1');
    const sizes = await page.locator('.tile-value').evaluateAll((all) => all.map((it) => parseFloat(getComputedStyle(it).fontSize)));
    // A tile may be a fraction of a pixel wider than the next.
    expect(Math.max(...sizes) - Math.min(...sizes), symbols).toBeLessThan(0.1);
    return sizes[0];
  };
  const [longer, shorter] = [await sizes('usd,xau,lbp,eur'), await sizes('usd,xau,gbp,eur')];
  expect(longer).toBeLessThan(shorter);
});

test('currencies that are not known are named, and the others shown', async ({ page, rates }) => {
  await rates.start();
  for (const [query, note, codes] of [
    ['symbols=usd,xyz', '“xyz” is not known here. The others are shown.', ['USD']],
    ['symbols=abc,usd,xyz', '“abc”, “xyz” are not known here. The others are shown.', ['USD']],
    ['symbols=abc,xyz', '“abc”, “xyz” are not known here. All are shown.', 9],
    // All that is left is the base.
    ['symbols=btc,xyz', '“xyz” is not known here. The others are shown.', ['BTC']],
    ['symbols=btc,btc', '', ['BTC']],
    ['symbols=usd&type=crypto', 'Nothing here fits this address.', []],
  ] as const) {
    await page.goto(`${rates.url}/?view=board&${query}`);
    await expect(page.locator('.wall-page')).toContainText('1 /');
    await expect(page.locator('.wall-note')).toContainText(note);
    if (codes === 9) await expect(page.locator(tiles)).toHaveCount(9);
    else await expect(page.locator('.tile-code')).toHaveText([...codes]);
  }
  // Nor is the table empty.
  await page.goto(`${rates.url}/?symbols=abc,xyz`);
  await expect(page.getByText('“abc”, “xyz” are not known here. All are shown.')).toBeVisible();
  await expect(page.locator('table.rates tbody tr')).toHaveCount(76);
});

test('it has a clock, and says once what the changes are over', async ({ page, rates }, testInfo) => {
  const folder = testInfo.outputPath('history');
  rates.upstream.values = { usd: 75_000.25 };
  await record(binary, rates.upstream.url, folder, 24 * 60 + 5);
  rates.upstream.values = {};
  await rates.start({ STORE_URL: `file://${folder}` });
  await page.goto(`${rates.url}/?view=board&symbols=usd,eur,gbp`);
  // 15:04 in London is 16:04 in Berlin, where the reader is.
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Berlin' });
  await expect.poll(async () => (await page.locator('.wall-clock').textContent()) === time.format(Date.now())).toBe(true);
  await expect(page.locator('.tile-change').first()).toContainText('%');
  const text = await page.locator('.wall').innerText();
  expect(text.match(/24\s*h/g)).toHaveLength(1);
  await expect(page.locator('.wall-note')).toHaveText('Changes over 24 h');
});

for (const [width, height] of [[1920, 1080], [1280, 720], [1080, 1920], [390, 844]]) {
  test.describe(`rates that the source lacks, on ${width}×${height}`, () => {
    test.use({ viewport: { width, height } });

    test('have their name and all of their note, and a banner says so', async ({ page, rates }) => {
      await rates.start({ CACHE_DURATION: '1' });
      rates.upstream.missing = ['eur', 'xau'];
      rates.upstream.values = { usd: 80_000.25 };
      await rates.waitFor('usd', 80_000.25);
      for (const symbols of ['eur', 'usd,eur,xau', 'usd,eur,gbp,jpy,xau,chf', 'usd,eur,gbp,jpy,xau,chf,eth,cad,aud']) {
        await page.goto(`${rates.url}/?view=board&rotate=0&symbols=${symbols}`);
        await expect(page.locator('.wall-page')).toContainText('1 /');
        await expect(page.locator('.wall-banner')).toHaveText(
          'Some rates are older. CoinGecko does not have them now; each tells its own time.',
        );
        const older = page.locator(tiles).filter({ hasText: /^(EUR|XAU)/ });
        expect(await older.count()).toBeGreaterThan(0);
        for (const tile of await older.all()) {
          await expect(tile.locator('.tile-name')).toHaveText(/^(Euro|Gold - Troy Ounce)$/);
          await expect(tile.locator('.held')).toHaveText(/^Stale: CoinGecko, \d+ \w+ \d{4}, \d\d:\d\d$/);
          const cut = await tile.evaluate((tile) => {
            const { top, right, bottom, left } = tile.getBoundingClientRect();
            const value = tile.querySelector('.tile-value')!.getBoundingClientRect();
            return ['.tile-name', '.held'].filter((part) => {
              const element = tile.querySelector(part)!;
              const text = document.createRange();
              text.selectNodeContents(element);
              const box = text.getBoundingClientRect();
              const inside = box.top >= top && box.right <= right && box.bottom <= bottom && box.left >= left;
              const apart = box.bottom <= value.top + 1 || box.top >= value.bottom - 1;
              return !inside || !apart || box.width < 8 || element.scrollHeight > element.clientHeight + 1;
            });
          });
          expect(cut, symbols).toEqual([]);
        }
      }
    });
  });
}

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
    await expect(page.locator('.wall-page')).toContainText('1 / 12');
    await expect(page.locator('.wall-banner')).toBeHidden();
    await rates.stop();
    await page.clock.runFor(600_000);
    await expect(page.locator('.wall-banner')).toHaveText('STALE RATES');
    await expect(page.locator('.wall .taken')).toContainText('10 min ago');
    await expect(page.locator(tiles).first()).toBeVisible();
    await rates.start();
    // In steps: an answer takes real time, and the page's own deadline must not pass meanwhile.
    await expect(async () => {
      await page.clock.runFor(5_000);
      await expect(page.locator('.wall-banner')).toBeHidden({ timeout: 500 });
    }).toPass({ timeout: 60_000 });
  });

  test('it reloads itself for a new version, and stays a wallboard', async ({ page, rates }) => {
    await rates.start({ APP_VERSION: '1.0.0', CACHE_DURATION: '2' });
    let loads = 0;
    page.on('load', () => (loads += 1));
    await page.goto(`${rates.url}/?view=board&base=eur`);
    await expect(page.locator('.wall-page')).toContainText('1 / 12');
    await rates.stop();
    await rates.start({ APP_VERSION: '1.1.0', CACHE_DURATION: '2' });
    await expect.poll(() => loads).toBe(2);
    await expect(page.locator('.wall h1')).toHaveText('Prices in EUR');
    await expect(page.locator('.wall-page')).toContainText('1 / 12');
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
  await expect(page.locator('.wall-page')).toContainText('1 /');
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
  // Another page, which has asked for nothing; with the wallboard went its lock.
  await expect(page.locator('table.rates')).toBeVisible();
  await hydrated(page);
  await page.clock.runFor(2_000);
  await expect.poll(state).toEqual([0, 'dark']);
});

test('it says what was wrong in the address, and why there are no changes', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?view=board&base=nosuch`);
  await expect(page.locator('.wall-page')).toContainText('1 / 12');
  await expect(page.locator('.wall-note')).toContainText('no such currency is known here');
  await page.goto(`${rates.url}/?view=board`);
  await expect(page.locator('.wall-page')).toContainText('1 / 12');
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
    await expect(page.locator('.wall-clock')).toHaveText('');
    await page.getByRole('link', { name: 'Table' }).click();
    await expect(page.locator('table.rates tbody tr')).toHaveCount(60);
  });
});
