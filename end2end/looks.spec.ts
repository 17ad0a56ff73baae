// What the page looks like: nothing overflows, everything is readable, and pictures to look at in
// end2end/results/looks.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { record } from './past';
import { binary, expect, hydrated, test, type Rates } from './server';

const screens = { phone: [360, 780], tablet: [768, 1024], laptop: [1440, 900], wall: [3840, 2160] } as const;

async function look(page: Page, name: string) {
  await page.screenshot({ path: `end2end/results/looks/${name}.png` });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

async function showYesterday(page: Page, rates: Rates, query: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'crypto-rates-'));
  await record(binary, rates.upstream.url, folder, 1_440);
  await rates.start({ STORE_URL: `file://${folder}` });
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await page.goto(`${rates.url}/?${query}&date=${yesterday}`);
  // Nothing happens to it any more.
  await expect(page.locator('html')).not.toHaveAttribute('data-js');
}

/** The ways in which a page is not as usual. */
const states: Record<string, (page: Page, rates: Rates) => Promise<void>> = {
  'sample and notes': async (page, rates) => {
    rates.upstream.failing = true;
    await rates.start({ RATES_SOURCES: 'coingecko,sample' });
    await page.goto(`${rates.url}/?base=xyz&q=zz`);
    await hydrated(page);
  },
  'no rates': async (page, rates) => {
    rates.upstream.failing = true;
    await rates.start({}, false);
    await page.goto(rates.url);
    await hydrated(page);
  },
  'stale and cut off': async (page, rates) => {
    await rates.start({ CACHE_DURATION: '1', API_TIMEOUT: '1' });
    await page.goto(`${rates.url}/?base=usd&amount=1000`);
    await hydrated(page);
    await rates.stop();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.getByText('This page could not refresh itself')).toBeVisible();
  },
  'second source': async (page, rates) => {
    await rates.start({ RATES_SOURCES: 'coingecko,coinbase', CACHE_DURATION: '1' });
    rates.upstream.failing = true;
    await expect
      .poll(async () => (await (await fetch(`${rates.url}/api/rates`)).json()).data_source)
      .toBe('coinbase');
    await page.goto(rates.url);
    await hydrated(page);
    await expect(page.getByText('Some rates are older.')).toBeVisible();
    const held = page.locator('table.rates tbody tr:has(small.held:has-text("Stale: CoinGecko"))');
    await expect(held.locator('th')).toContainText(['Euro', 'IMF Special']);
    await expect(page.locator('.figure', { hasText: 'EUR' })).toContainText('Stale: CoinGecko');
    await expect(page.locator('.pill')).toHaveText('Live');
  },
  'detail': async (page, rates) => {
    await rates.start();
    await page.goto(`${rates.url}/?base=eur&amount=250&symbol=vef`);
    await hydrated(page);
    await expect(page.locator('.reason')).toContainText('Frozen');
  },
  'what an amount buys in all digits': async (page, rates) => {
    await rates.start();
    await page.goto(`${rates.url}/?base=usd&amount=250&quote=inverse&digits=all`);
    await hydrated(page);
    await expect(page.locator('.highlights-heading')).toHaveText('250 USD is');
  },
  'two currencies compared': async (page, rates) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'crypto-rates-'));
    for (const [ago, usd] of [[1_430, 70_000], [950, 74_000], [480, 71_000]]) {
      rates.upstream.values = { usd };
      await record(binary, rates.upstream.url, folder, ago);
    }
    rates.upstream.values = { usd: 72_800 };
    await rates.start({ STORE_URL: `file://${folder}` });
    // Until then it shows what the last one left.
    await rates.waitFor('usd', 72_800);
    await page.goto(`${rates.url}/?base=usd&symbol=btc&compare=eur`);
    await hydrated(page);
    await expect(page.locator('.chart .other')).toHaveAttribute('d', /^M/);
  },
  'an earlier day': async (page, rates) => {
    await showYesterday(page, rates, 'base=eur&symbol=usd');
    await expect(page.locator('.alert-danger')).toContainText('Not live rates.');
  },
  'wallboard of an earlier day': async (page, rates) => {
    await showYesterday(page, rates, 'view=board');
    await expect(page.locator('.wall-banner')).toContainText('NOT LIVE RATES');
  },
  'wallboard': async (page, rates) => {
    await rates.start();
    await page.goto(`${rates.url}/?view=board`);
    await expect(page.locator('.wall-page')).toContainText('1 /');
    await page.mouse.move(20, 20);
    await expect(page.locator('.wall-controls')).toBeVisible();
  },
  'wallboard of three': async (page, rates) => {
    await rates.start();
    await page.goto(`${rates.url}/?view=board&symbols=usd,eur,xau`);
    await expect(page.locator('.wall-page')).toContainText('1 / 1');
  },
  'wallboard with older rates': async (page, rates) => {
    await rates.start({ CACHE_DURATION: '1' });
    rates.upstream.missing = ['eur', 'xau'];
    rates.upstream.values = { usd: 80_000.25 };
    await rates.waitFor('usd', 80_000.25);
    await page.goto(`${rates.url}/?view=board&symbols=usd,eur,gbp,jpy,xau,chf`);
    await expect(page.locator('.wall-banner')).toContainText('Some rates are older.');
    await expect(page.locator('.held')).toHaveCount(2);
  },
  'wallboard with unknown currencies': async (page, rates) => {
    await rates.start();
    await page.goto(`${rates.url}/?view=board&symbols=xyz,abc`);
    await expect(page.locator('.wall-page')).toContainText('1 /');
    await expect(page.locator('.wall-note')).toContainText('not known here');
  },
  'help': async (page, rates) => {
    await rates.start();
    await page.goto(rates.url);
    await hydrated(page);
    await page.getByRole('button', { name: 'Keys and help' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  },
  'favourites': async (page, rates) => {
    await rates.start();
    await page.goto(`${rates.url}/?symbols=usd,eur,vef,sats&sort=name`);
    await hydrated(page);
    await page.getByRole('button', { name: 'Pin EUR' }).click();
  },
  'lost': async (page, rates) => {
    await rates.start();
    await page.goto(`${rates.url}/nowhere`);
  },
  'docs': async (page, rates) => {
    await rates.start();
    await page.goto(`${rates.url}/api/docs`);
  },
};

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, [width, height]] of Object.entries(screens)) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport: { width, height } });

      test('fits and is accessible', async ({ page, rates }) => {
        await rates.start();
        await page.goto(rates.url);
        await hydrated(page);
        await look(page, `${name}-${colorScheme}`);
      });
    });
  }

  for (const [name, show] of Object.entries(states)) {
    for (const [width, height] of [screens.phone, screens.laptop]) {
      test.describe(`${name}, ${width} px, ${colorScheme}`, () => {
        // The browser reports the failed requests that some of these states are made of.
        test.use({ colorScheme, viewport: { width, height }, expectSilence: false });

        test('fits and is accessible', async ({ page, rates }) => {
          await show(page, rates);
          await look(page, `${name}-${width}-${colorScheme}`.replaceAll(' ', '-'));
        });
      });
    }
  }
}

test.describe('without JavaScript', () => {
  for (const width of [320, 360, 768, 1440]) {
    test.describe(`${width} px`, () => {
      test.use({ javaScriptEnabled: false, viewport: { width, height: 800 } });

      test('it fits', async ({ page, rates }) => {
        await rates.start();
        for (const [name, address] of [['home', '/'], ['detail', '/?symbol=usd'], ['wall', '/?view=board']]) {
          await page.goto(rates.url + address);
          await page.screenshot({ path: `end2end/results/looks/no-script-${name}-${width}.png` });
          const body = (await page.locator('html').boundingBox())!;
          for (const part of await page.locator('header, main, table, .detail, .converter > *').all()) {
            const box = await part.boundingBox();
            if (box) expect(box.x + box.width, await part.innerHTML()).toBeLessThanOrEqual(body.x + body.width + 0.5);
          }
        }
      });
    });
  }
});
