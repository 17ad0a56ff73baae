use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fluent_bundle::FluentResource;
use regex::Regex;

use super::{
    Texts,
    server::{files, ids},
};
use crate::{language::Language, rates::NumberStyle, sources::sample};

/// The sources that texts are used in.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources(&path);
        } else {
            text += &fs::read_to_string(path).unwrap();
        }
    }
    text
}

/// The ids of a language's texts, and the places of each.
fn places(language: Language) -> BTreeMap<&'static str, BTreeSet<String>> {
    let [page, server, _] = files(language);
    let page = &*Box::leak((page.to_owned() + "\n" + server).into_boxed_str());
    let place = Regex::new(r"\$(\w+)").unwrap();
    let places = |text: &str| place.captures_iter(text).map(|found| found[1].to_owned()).collect();
    let mut all = BTreeMap::new();
    let mut begin = 0;
    let texts: Vec<_> = ids(page).collect();
    assert!(texts.len() > 150, "{texts:?}");
    for (id, next) in texts.iter().zip(texts.iter().skip(1).map(Some).chain([None])) {
        begin += page[begin..].find(&format!("\n{id} =")).unwrap();
        let length = next.and_then(|next| page[begin..].find(&format!("\n{next} =")));
        let text = &page[begin..length.map_or(page.len(), |length| begin + length)];
        let text: String = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(all.insert(*id, places(&text)), None, "{id} is there twice in {language:?}");
    }
    all
}

#[test]
fn every_text_is_used_and_every_text_used_is_there() {
    let worker = fs::read_to_string("public/worker.js").unwrap().replace('\'', "\"");
    let pages = sources(Path::new("src/app")) + &worker;
    let source = pages.clone() + &sources(Path::new("src/http/pages"));
    let [page, server, _] = files(Language::En);
    // The browser has not got the texts of the server.
    for id in ids(page) {
        assert!(pages.contains(&format!("\"{id}\"")), "the page does not use {id}");
    }
    let there: BTreeSet<_> = ids(page).chain(ids(server)).collect();
    for id in &there {
        assert!(source.contains(&format!("\"{id}\"")), "nothing uses {id}");
    }
    let used = Regex::new(r#"texts\s*\.(?:get|fixed|format|around)\(\s*"([^"]*)""#).unwrap();
    let used: BTreeSet<_> =
        used.captures_iter(&source).map(|found| found.get(1).unwrap().as_str()).collect();
    assert!(used.len() > 50, "{used:?}");
    assert_eq!(used.difference(&there).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn each_language_has_every_text_with_its_places() {
    let english = places(Language::En);
    for language in Language::ALL {
        let own = places(language);
        let ids = |texts: &BTreeMap<&'static str, _>| texts.keys().copied().collect::<Vec<_>>();
        assert_eq!(ids(&own), ids(&english), "{language:?}");
        for (id, mut places) in own {
            // Some have no plural.
            if id == "warning-codes" {
                places.insert("n".to_owned());
            }
            assert_eq!(places, english[id], "{id} in {language:?}");
        }
    }
}

#[test]
fn all_of_a_file_can_be_read_and_none_of_it_is_markup() {
    for language in Language::ALL {
        for file in files(language) {
            if let Err((_, errors)) = FluentResource::try_new(file.to_owned()) {
                panic!("{language:?}: {errors:?}");
            }
            for line in file.lines().filter(|line| !line.starts_with('#')) {
                assert!(!line.replace("->", "").contains(['<', '>', '&']), "{line}");
                // `scripts/texts.mjs` leaves them out.
                assert!(!["NUMBER(", "DATETIME("].iter().any(|it| line.contains(it)), "{line}");
            }
        }
    }
}

#[test]
fn plurals_are_those_of_the_language_and_of_the_browser_s_half() {
    // `end2end/languages.spec.ts` has the browser say the same.
    let plurals = include_str!("../../../tests/fixtures/plurals.json");
    let plurals: serde_json::Value = serde_json::from_str(plurals).unwrap();
    for language in Language::ALL {
        let expected = plurals["texts"][language.tag()].as_array().unwrap();
        let numbers = plurals["numbers"].as_array().unwrap();
        assert_eq!(expected.len(), numbers.len());
        for (n, text) in numbers.iter().zip(expected) {
            let n = n.as_u64().unwrap();
            let found = Texts::of(language).format("rates-found", &[("n", n.into())]);
            assert_eq!(Some(&*found), text.as_str(), "{n} in {language:?}");
        }
    }
}

#[test]
fn each_language_writes_numbers_its_own_way() {
    let number = crate::rates::FormattedNumber::hundredths(123_456_789.0);
    for (language, text) in [
        (Language::En, "1,234,567.89"),
        (Language::De, "1.234.567,89"),
        (Language::Fr, "1\u{202f}234\u{202f}567,89"),
        (Language::Es, "1.234.567,89"),
        (Language::Ja, "1,234,567.89"),
        (Language::Ar, "1,234,567.89"),
    ] {
        assert_eq!(Texts::of(language).number_style().write(&number).to_string(), text);
    }
    assert_eq!(Texts::of(Language::En).number_style(), NumberStyle::default());
}

#[test]
fn money_and_metals_have_names_in_each_language() {
    let sample = sample::snapshot();
    let name = |language, code: &str| {
        Texts::of(language).name(sample.get(&code.parse().unwrap()).unwrap()).into_owned()
    };
    for (language, names) in [
        (Language::En, ["US Dollar", "Bitcoin"]),
        (Language::De, ["US-Dollar", "Bitcoin"]),
        (Language::Ja, ["米ドル", "Bitcoin"]),
        (Language::Ar, ["دولار أمريكي", "Bitcoin"]),
    ] {
        assert_eq!(["usd", "btc"].map(|code| name(language, code)), names);
    }
}
