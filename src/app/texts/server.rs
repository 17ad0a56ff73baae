//! The server's half.

use std::{collections::HashMap, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::arg::Arg;
use crate::language::Language;

/// Returns the files of a language, which are part of the program.
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../../../locales/", $language, "/page.ftl")),
            include_str!(concat!("../../../locales/", $language, "/server.ftl")),
            include_str!(concat!("../../../locales/", $language, "/currencies.ftl")),
        ]
    };
}

/// The texts of one language.
struct Bundle {
    bundle: FluentBundle<FluentResource>,
    /// Those without places, formatted once: a page has hundreds of them.
    plain: HashMap<&'static str, String>,
}

/// In the order of [`Language::ALL`]; each is read when it is first asked for.
static BUNDLES: [LazyLock<Bundle>; Language::ALL.len()] = [
    LazyLock::new(|| Bundle::read(Language::En)),
    LazyLock::new(|| Bundle::read(Language::De)),
    LazyLock::new(|| Bundle::read(Language::Fr)),
    LazyLock::new(|| Bundle::read(Language::Es)),
    LazyLock::new(|| Bundle::read(Language::Ja)),
    LazyLock::new(|| Bundle::read(Language::Ar)),
];

/// Returns the texts of the page, those that the server alone needs, and the names of currencies.
pub(super) fn files(language: Language) -> [&'static str; 3] {
    match language {
        // The sources have English names.
        Language::En => [
            include_str!("../../../locales/en/page.ftl"),
            include_str!("../../../locales/en/server.ftl"),
            "",
        ],
        Language::De => files!("de"),
        Language::Fr => files!("fr"),
        Language::Es => files!("es"),
        Language::Ja => files!("ja"),
        Language::Ar => files!("ar"),
    }
}

impl Bundle {
    /// Reads the files of a language. A test looks that all of them can be read.
    fn read(language: Language) -> Self {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Isolates keep the order of what is written from left to right. `frontend/texts.js` has the same.
        bundle.set_use_isolating(language.is_rtl());
        for file in files(language) {
            let resource = FluentResource::try_new(file.to_owned());
            bundle.add_resource_overriding(
                resource.unwrap_or_else(|(what_can_be_read, _)| what_can_be_read),
            );
        }
        let mut new = Self { bundle, plain: HashMap::new() };
        for id in files(language).into_iter().flat_map(ids) {
            if let Some(text) = new.formatted(id, None) {
                new.plain.insert(id, text);
            }
        }
        new
    }

    /// Formats a text; `None` if there is no such text, or it has a place that `args` have no value for.
    fn formatted(&self, id: &str, args: Option<&FluentArgs>) -> Option<String> {
        let mut errors = Vec::new();
        let text = self.bundle.get_message(id)?.value()?;
        let text = self.bundle.format_pattern(text, args, &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }
}

/// Returns the ids of the texts in a file.
pub(super) fn ids(file: &'static str) -> impl Iterator<Item = &'static str> {
    let text = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
    file.lines().filter(text).filter_map(|line| Some(line.split_once(" =")?.0))
}

fn bundle(language: Language) -> &'static Bundle {
    let place = Language::ALL.into_iter().position(|other| other == language);
    &BUNDLES[place.unwrap_or_default()]
}

/// The texts of a language.
#[derive(Clone, Copy, Debug, Default)]
pub struct Of(Language);

impl Of {
    pub fn new(language: Language) -> Self {
        Self(language)
    }

    pub fn language(self) -> Language {
        self.0
    }

    pub fn get(self, id: &'static str) -> &'static str {
        bundle(self.0).plain.get(id).map_or("", String::as_str)
    }

    pub fn format(self, id: &str, args: &[(&str, Arg)]) -> Option<String> {
        let bundle = bundle(self.0);
        if args.is_empty() {
            return bundle.plain.get(id).cloned();
        }
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            let value = match *value {
                Arg::Text(text) => FluentValue::from(text),
                Arg::Number(number) => FluentValue::from(number),
            };
            values.set(*name, value);
        }
        bundle.formatted(id, Some(&values))
    }
}
