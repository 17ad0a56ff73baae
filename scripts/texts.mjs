#!/usr/bin/env node
// Makes the script of a page in each language: page-en.HASH.js and so on.
//
// Usage: scripts/texts.mjs FOLDER
//
// A page loads the one of its language beside the wasm: what wasm-bindgen has written for that, and the texts, in one
// file. The texts are parsed here, so that no page has to download what parses them. Those in server.ftl no page needs,
// but a few of them public/worker.js says without a network: they are put into the worker beside the folder.

import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, brotliCompressSync } from 'node:zlib';
import { FluentResource } from '@fluent/bundle';
import { build } from 'esbuild';

const [folder] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const ofWorker = {};
// No text calls a function of Fluent, which src/app/texts/tests.rs sees to: 0.4 KB less.
const withoutFunctions = {
  name: 'without functions',
  setup: ({ onLoad }) => onLoad({ filter: /builtins\.js$/ }, () => ({ contents: 'export let NUMBER, DATETIME;' })),
};
const files = await readdir(folder);
for (const file of files) if (file.startsWith('page-')) await rm(join(folder, file));
const bindings = JSON.stringify(resolve(folder, files.find((file) => /^crypto-rates\.[^.]+\.js$/.test(file))));
const languages = await readdir(join(root, 'locales'));
for (const language of languages) {
  const sources = (await readdir(join(root, 'locales', language))).filter((file) => file !== 'server.ftl');
  const read = (file) => readFile(join(root, 'locales', language, file), 'utf8');
  const { body } = new FluentResource((await Promise.all(sources.sort().map(read))).join('\n'));
  const locale = new Intl.Locale(language);
  // A property in Node.js 20, and a function since.
  const isRtl = (locale.getTextInfo?.() ?? locale.textInfo).direction === 'rtl';
  const { body: ofServer } = new FluentResource(await read('server.ftl'));
  const said = ofServer.filter(({ id }) => id.startsWith('worker-')).map(({ id, value }) => [id, value]);
  ofWorker[language] = { direction: isRtl ? 'rtl' : 'ltr', ...Object.fromEntries(said) };
  const texts = JSON.stringify(Object.fromEntries(body.map(({ id, value }) => [id, value])));
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export { default, hydrate } from ${bindings};
        import { provide } from './frontend/texts.js';
        provide(${JSON.stringify(language)}, ${JSON.stringify(languages)}, ${isRtl}, ${texts});`,
      resolveDir: root,
      sourcefile: `page-${language}.js`,
    },
    entryNames: 'page-' + language + '.[hash]',
    outdir: folder,
    bundle: true,
    plugins: [withoutFunctions],
    // The formatter's own; those of wasm-bindgen are names in the wasm.
    mangleProps: /^_/,
    reserveProps: /^_(_|wbg)/,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
  for (const { path, contents } of outputFiles) await write(path, contents);
}
const worker = await readFile(join(root, 'public', 'worker.js'), 'utf8');
const place = 'const TEXTS = {};';
if (!worker.includes(place)) throw new Error(`public/worker.js has no line ${place}`);
const filled = worker.replace(place, () => `const TEXTS = ${JSON.stringify(ofWorker)};`);
await write(join(folder, '..', 'worker.js'), Buffer.from(filled));

async function write(path, contents) {
  await writeFile(path, contents);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  await writeFile(`${path}.br`, brotliCompressSync(contents, { params }));
}
