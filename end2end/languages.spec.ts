// The page in each of its languages: the same text from the server and in the browser, the reader's choice, and what
// is written from right to left.

import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expect, test } from './server';

const languages = {
  en: 'US Dollar',
  de: 'US-Dollar',
  fr: 'Dollar des États-Unis',
  es: 'Dólar estadounidense',
  ja: '米ドル',
  ar: 'دولار أمريكي',
};

/** The page is taken over by the browser once it turns its clock, in whatever words. */
async function hydrated(page: Page) {
  await expect(page.locator('html')).toHaveAttribute('data-live', '');
  await expect(page.locator('.countdown')).toContainText(/\d:\d\d/);
}

/** What stays as the server has written it: not the clock, and not what is in the reader's own time zone. */
function texts(page: Page) {
  return page.evaluate(() => {
    const body = document.body.cloneNode(true) as HTMLElement;
    const clock = 'script, noscript, .countdown, .age, .taken-at, .alerts, .why-not, optgroup, .chart, .facts, .numbers';
    for (const element of body.querySelectorAll(clock)) element.remove();
    const labels = [...body.querySelectorAll('[aria-label], [title]')].map((it) => [
      it.getAttribute('aria-label'),
      it.getAttribute('title'),
    ]);
    return [body.textContent!.replace(/\s+/g, ' '), labels];
  });
}

for (const [language, dollar] of Object.entries(languages)) {
  // The browser's language is the page's, so that it writes numbers in the same way.
  test.describe(language, () => {
    test.use({ locale: language === 'ar' ? 'ar-AE' : language });

    test('the text is the same with JavaScript and without', async ({ page, browser, rates }) => {
      await rates.start();
      const context = await browser.newContext({ javaScriptEnabled: false, locale: language });
      const still = await context.newPage();
      for (const query of ['', '?view=board', '?symbol=usd&base=eur', '?q=zz&base=xyz&type=x']) {
        await still.goto(`${rates.url}/${query}`);
        await page.goto(`${rates.url}/${query}`);
        if (query === '?view=board') await expect(page.locator('html')).toHaveAttribute('data-live', '');
        else await hydrated(page);
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        if (query !== '?view=board') expect(await texts(page)).toEqual(await texts(still));
      }
      await page.goto(rates.url);
      await expect(page.locator('tr:has([value=usd]) th a')).toHaveText(dollar);
      await hydrated(page);
      await expect(page).toHaveURL(`${rates.url}/`);
      await expect(page.locator('tr:has([value=usd]) th a')).toHaveText(dollar);
      await context.close();
    });

    test('what the page says by itself is in the language, too', async ({ page, rates }) => {
      await rates.start();
      await page.goto(rates.url);
      await hydrated(page);
      await page.locator('input[name=q]').fill('qqqq');
      await expect(page.locator('.nothing')).toContainText('qqqq');
      await page.locator('input[name=q]').fill(dollar);
      await expect(page.locator('.rates tbody tr').first().locator('[value=usd]')).toBeVisible();
      await page.locator('.tools button').last().click();
      await expect(page.locator('#help')).toBeVisible();
      expect(await page.locator('#help dd').allTextContents()).not.toContain('');
      const spoken = await page.locator('body').innerText();
      expect(language === 'en' || !/\b(Next refresh|Search|Close|Rates of)\b/.test(spoken)).toBe(true);
    });
  });
}

test('a choice on the page is remembered, and the way back is open', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?base=eur`);
  await hydrated(page);
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await expect(page).toHaveURL(`${rates.url}/?base=eur&lang=de`);
  await hydrated(page);
  await expect(page.getByRole('button', { name: 'Aktualisieren' })).toBeVisible();
  // Links of the page keep it, and need no other page.
  await page.getByRole('link', { name: 'Krypto' }).click();
  await expect(page).toHaveURL(`${rates.url}/?base=eur&type=crypto&lang=de`);
  await page.goBack();
  await expect(page).toHaveURL(`${rates.url}/?base=eur&lang=de`);
  // A visit without a language in the address.
  await page.goto(rates.url);
  await expect(page).toHaveURL(`${rates.url}/?lang=de`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  // An address with one counts, and is the choice from then on.
  await page.goto(`${rates.url}/?lang=fr`);
  await hydrated(page);
  await page.goto(`${rates.url}/?symbol=usd`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  await page.goto(`${rates.url}/api/docs`);
  await expect(page).toHaveURL(`${rates.url}/api/docs`);
  // What is no language of this page leads nowhere.
  for (const stored of ['en-US', 'xx', 'de&base=usd']) {
    await page.evaluate((stored) => localStorage.setItem('lang', stored), stored);
    await page.goto(rates.url);
    await hydrated(page);
    await expect(page).toHaveURL(`${rates.url}/`);
  }
});

test('the wallboard that is written from right to left turns to the left', async ({ page, rates }) => {
  await rates.start();
  await page.goto(`${rates.url}/?view=board&lang=ar`);
  const place = page.locator('.wall-page');
  await expect(place).toHaveText(/^1 \/ \d+$/);
  await page.keyboard.press('ArrowLeft');
  await expect(place).toHaveText(/^2 /);
  await page.keyboard.press('ArrowRight');
  await expect(place).toHaveText(/^1 /);
});

// A comma in a German sentence is a decimal one, whatever the browser's own language is.
test('numbers and times are written as in the language of the page, in the reader’s form of it', async ({ browser, rates }) => {
  await rates.start();
  for (const [locale, language, form, time] of [
    ['en-US', 'de', 'de', /^\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}:\d{2}$/],
    ['de-CH', 'de', 'de-CH', /^\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}:\d{2}$/],
    ['de-DE', 'fr', 'fr', /^\d+ \p{L}+\.? \d{4}, \d{2}:\d{2}:\d{2}$/u],
    ['en-US', 'ja', 'ja', /^\d{4}\/\d{2}\/\d{2} \d+:\d{2}:\d{2}$/],
    ['en-US', 'ar', 'ar-u-nu-latn', /^[^A-Za-z\u0660-\u0669]+$/],
    ['ar-EG', 'ar', 'ar-EG', /[\u0660-\u0669]/],
    // Only English is for readers of other languages, which there is no page in.
    ['pt-BR', 'en', 'pt-BR', /^\d+ de \p{L}+\.? de \d{4}, \d{2}:\d{2}:\d{2}$/u],
    ['de-DE', 'en', 'en-US', /^\p{L}+ \d+, \d{4}, \d+:\d{2}:\d{2}\s[AP]M$/u],
    ['ar-EG', 'en', 'en-US', /^\p{L}+ \d+, \d{4}, \d+:\d{2}:\d{2}\s[AP]M$/u],
  ] as const) {
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    // As readers in most countries have it.
    await page.addInitScript((locale) => {
      Object.defineProperty(navigator, 'languages', { value: [locale, locale.slice(0, 2), 'en-US', 'en'] });
    }, locale);
    await page.goto(`${rates.url}/?lang=${language}`);
    await hydrated(page);
    const dollars = await page.evaluate((form) => (75817.76).toLocaleString(form), form);
    await expect(page.locator('tr:has([value=usd]) td:nth-child(4)'), locale).toHaveText(dollars);
    await expect(page.locator('.taken-at time'), locale).toHaveText(time);
    await page.locator('input[name=amount]').fill(dollars);
    await expect(page, `${locale}: its own number is read`).toHaveURL(/amount=75817\.76/);
    await context.close();
  }
});

test('a reader’s alert is told in the language of the page', async ({ page, rates }) => {
  await rates.start({ CACHE_DURATION: '2' });
  for (const [language, field, sentence] of [
    ['de', 'Melden, wenn erreicht ist:', '1 BTC über 80.000 USD.'],
    ['ja', '次の値で通知', '1 BTC が 80,000 USD を上回る。'],
  ] as const) {
    await page.goto(`${rates.url}/?base=usd&symbol=btc&lang=${language}`);
    await hydrated(page);
    await page.getByLabel(field).fill('80000');
    await page.getByLabel(field).press('Enter');
    await expect(page.locator('.price-alert li')).toContainText(sentence);
    await page.getByRole('button').filter({ hasText: language === 'de' ? 'Löschen' : '削除' }).click();
  }
});

test.describe('without a network', () => {
  test.use({ expectSilence: false });

  test('the worker says in the reader’s language that there is no earlier day', async ({ page, context, rates }) => {
    await rates.start();
    await page.goto(`${rates.url}/?lang=ar`);
    await hydrated(page);
    await expect.poll(() => page.evaluate(async () => !!(await caches.match('/')))).toBe(true);
    await context.setOffline(true);
    await rates.stop();
    await page.goto(`${rates.url}/?date=2026-01-01&lang=ar`);
    await expect(page.locator('html[lang=ar][dir=rtl] h1')).toHaveText('أسعار الأيام السابقة غير متاحة دون اتصال');
    await page.goto(`${rates.url}/?base=eur&lang=ar`);
    await hydrated(page);
    await expect(page.locator('html')).toHaveAttribute('lang', 'ar');
  });
});

test.describe('in a browser in German', () => {
  test.use({ locale: 'de-DE' });

  test('the browser’s language is the page’s until the reader chooses', async ({ page, rates }) => {
    await rates.start();
    await page.goto(rates.url);
    await hydrated(page);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await expect(page.locator('tr:has([value=usd]) td:nth-child(4)')).toHaveText('75.817,76');
    await page.getByRole('link', { name: 'English' }).click();
    await hydrated(page);
    await expect(page.getByRole('button', { name: 'Refresh' })).toBeVisible();
    // Numbers stay as the reader writes them.
    await expect(page.locator('tr:has([value=usd]) td:nth-child(4)')).toHaveText('75.817,76');
  });
});

test('without JavaScript, a link leads to the page in another language', async ({ browser, rates }) => {
  await rates.start();
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(`${rates.url}/?base=eur`);
  await page.getByRole('link', { name: '日本語' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await page.getByRole('button', { name: '表示' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await context.close();
});

const screens = { phone: [360, 780], laptop: [1440, 900], wall: [1920, 1080] } as const;

for (const language of ['ar', 'ja', 'de'] as const) {
  for (const [screen, [width, height]] of Object.entries(screens)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test.describe(`${language} ${screen} ${colorScheme}`, () => {
        test.use({ viewport: { width, height }, colorScheme, locale: language === 'ar' ? 'ar-EG' : language });

        test('nothing overflows, and all can be read', async ({ page, rates }) => {
          await rates.start();
          const queries = screen === 'wall' ? { board: '?view=board' } : { table: '', detail: '?symbol=usd&base=eur&amount=250' };
          for (const [name, query] of Object.entries(queries)) {
            await page.goto(`${rates.url}/${query}`);
            await expect(page.locator('html')).toHaveAttribute('data-live', '');
            await expect(page.locator('html')).toHaveAttribute('lang', language);
            if (name !== 'board') await expect(page.locator('.countdown')).toContainText(/\d:\d\d/);
            expect(await page.locator('html').getAttribute('dir')).toBe(language === 'ar' ? 'rtl' : null);
            const path = `end2end/results/languages/${language}-${screen}-${colorScheme}-${name}.png`;
            await page.screenshot({ path });
            const overflow = await page.evaluate(
              () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            );
            expect(overflow).toBe(0);
            const { violations } = await new AxeBuilder({ page }).analyze();
            expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
          }
        });
      });
    }
  }
}

test('both halves form the same plurals', async ({ page, rates }) => {
  // src/app/texts/tests.rs has the server say the same.
  const { numbers, texts } = JSON.parse(readFileSync('tests/fixtures/plurals.json', 'utf8'));
  await rates.start();
  for (const [language, expected] of Object.entries(texts)) {
    await page.goto(`${rates.url}/?lang=${language}`);
    await hydrated(page);
    const said = await page.evaluate((numbers) => {
      const { texts } = self as unknown as { texts: { format: (id: string, args: object) => string } };
      return numbers.map((n: number) => texts.format('rates-found', { n }));
    }, numbers);
    expect(said).toEqual(expected);
  }
});
