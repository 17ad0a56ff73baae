// Formats the texts of the page for the wasm: src/app/texts/browser.rs calls `texts.format`, and
// src/app/browser/language.rs `texts.ownForm`.
//
// scripts/texts.mjs makes a file of this for each language, with its texts in it, read already.

import { FluentBundle, FluentNumber } from '@fluent/bundle';

// Written as by the server, in plain digits. `Intl` would first load how the language writes numbers.
class Plain extends FluentNumber {
  toString() {
    return String(this.value);
  }
}

// Isolates keep the order of what is written from left to right; src/app/texts/server.rs has the same.
export function provide(language, languages, useIsolating, texts) {
  const bundle = new FluentBundle(language, { useIsolating });
  bundle.addResource({ body: Object.entries(texts).map(([id, value]) => ({ id, value })) });
  const format = (id, args) => {
    const message = bundle.getMessage(id);
    if (!message) return undefined;
    for (const name in args) if (typeof args[name] === 'number') args[name] = new Plain(args[name]);
    return bundle.formatPattern(message.value, args);
  };
  // The reader's form of the language, such as de-CH: the same number means something else in another language's text.
  // English is the page of readers in whose language there is none, too: it has theirs.
  const primary = (it) => it.split('-')[0];
  const { language: first, languages: all } = navigator;
  const isForAll = language === 'en';
  const isStrange = isForAll && !languages.includes(primary(first));
  const own = isStrange ? first : all.find((it) => primary(it) === language);
  const ownForm = () => own ?? (isForAll ? first : undefined);
  self.texts = { format, ownForm };
}
