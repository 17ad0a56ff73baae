#!/usr/bin/env node
// Writes the names of money and metals in each language but English, as Unicode's CLDR has them, to
// locales/*/currencies.ftl. Run it for a new language, or for names of a newer CLDR.
//
// Usage: scripts/currencies.mjs
//
// Coins have no names there: they keep their English ones.

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { rates } = JSON.parse(await readFile(file('src/sources/sample.json'), 'utf8'));
const codes = Object.keys(rates).filter((code) => rates[code].type !== 'crypto').sort();
for (const language of await readdir(file('locales'))) {
  if (language === 'en') continue;
  const names = new Intl.DisplayNames(language, { type: 'currency', fallback: 'none' });
  const lines = codes.flatMap((code) => {
    const name = names.of(code.toUpperCase());
    if (!name) return [];
    // As in the middle of a sentence; a table has them at its beginning.
    return [`currency-${code} = ${name[0].toLocaleUpperCase(language)}${name.slice(1)}`];
  });
  const head = `# By scripts/currencies.mjs, from CLDR ${process.versions.cldr}. Corrections belong to CLDR.`;
  await writeFile(file(`locales/${language}/currencies.ftl`), [head, '', ...lines, ''].join('\n'));
}
