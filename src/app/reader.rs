//! What the browser knows of its reader, and the server does not.

use leptos::prelude::is_server;

use super::{
    browser::{dom, storage},
    state::PageState,
    texts::Texts,
};
use crate::rates::{Code, NumberStyle, PriceAlert, Quotation};

/// The key in the browser's storage, and of the document's data attribute that `src/assets/inline_scripts.rs`
/// sets from it.
pub const FAVOURITES: &str = "favourites";
/// The key of the [`Theme`], used in the same way.
pub const THEME: &str = "theme";
const ALERTS: &str = "alerts";
/// The key of the language that the reader has chosen, used by a script in the same way.
pub const LANGUAGE: &str = "lang";
const KEYS: &str = "keys";
const RECENT: &str = "recent";
const QUOTE: &str = "quote";
const DIGITS: &str = "digits";
const OFF: &str = "off";

/// The favourites and settings of a reader.
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    /// Shown first, in the order in which they were chosen.
    pub favourites: Vec<Code>,
    /// Chosen lately, the last one first.
    pub recent: Vec<Code>,
    /// How the reader's language formats numbers.
    pub style: NumberStyle,
    pub theme: Theme,
    /// Whether single-letter shortcuts are on.
    pub keys: bool,
    /// What the reader wants to be told of.
    pub alerts: Vec<PriceAlert>,
}

/// The colour scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Follows the system.
    #[default]
    System,
    Light,
    Dark,
}

impl Reader {
    /// Returns a reader of whom nothing is known but the language of the page.
    pub fn unknown(texts: Texts) -> Self {
        Self {
            favourites: Vec::new(),
            recent: Vec::new(),
            style: texts.number_style(),
            theme: Theme::default(),
            keys: true,
            alerts: Vec::new(),
        }
    }

    /// The most recent choices kept.
    const RECENT: usize = 3;

    /// Returns the reader of this page; on the server, one of whom nothing is known. The favourites are those
    /// that the page is sorted by, even if another tab has changed them since.
    pub fn of_the_page(texts: Texts) -> Self {
        if is_server() {
            return Self::unknown(texts);
        }
        let favourites = dom::attribute(&format!("data-{FAVOURITES}")).unwrap_or_default();
        let favourites = codes(&favourites);
        let theme = match storage::get(THEME).as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        let keys = storage::get(KEYS).is_none_or(|keys| keys != OFF);
        let recent = codes(&storage::get(RECENT).unwrap_or_default());
        let (style, alerts) = (texts.number_style(), Vec::new());
        Self { favourites, recent, style, theme, keys, alerts }
    }

    /// Loads favourites that another tab may have changed. Returns whether they differ.
    pub fn recall_favourites(&mut self) -> bool {
        let Some(favourites) = storage::get(FAVOURITES) else { return false };
        let favourites = codes(&favourites);
        let changed = favourites != self.favourites;
        self.favourites = favourites;
        changed
    }

    /// Loads the alerts. Another tab may have changed them, or told the reader already. Returns whether they differ.
    pub fn recall_alerts(&mut self) -> bool {
        let Some(alerts) = storage::get(ALERTS) else { return false };
        let alerts = alerts.lines().filter_map(|line| line.parse().ok()).collect();
        let before = std::mem::replace(&mut self.alerts, alerts);
        before != self.alerts
    }

    /// Changes the alerts. Returns whether they differ.
    pub fn change_alerts(&mut self, change: &mut dyn FnMut(&mut Vec<PriceAlert>)) -> bool {
        let recalled = self.recall_alerts();
        let before = self.alerts.clone();
        change(&mut self.alerts);
        let changed = self.alerts != before;
        if changed {
            let lines: Vec<String> = self.alerts.iter().map(PriceAlert::to_string).collect();
            storage::set(ALERTS, &lines.join("\n"));
        }
        recalled || changed
    }

    /// Adds a currency to the favourites, or removes it.
    pub fn toggle(&mut self, code: &Code) {
        self.recall_favourites();
        match self.favourites.iter().position(|favourite| favourite == code) {
            Some(place) => {
                self.favourites.remove(place);
            }
            None => self.favourites.push(code.clone()),
        }
        storage::set(FAVOURITES, &list(&self.favourites));
    }

    /// Moves a favourite by this many places among the favourites.
    pub fn shift(&mut self, code: &Code, by: isize) {
        self.recall_favourites();
        let place = self.favourites.iter().position(|favourite| favourite == code);
        let Some(place) = place else { return };
        let to = place.saturating_add_signed(by).min(self.favourites.len() - 1);
        let favourite = self.favourites.remove(place);
        self.favourites.insert(to, favourite);
        storage::set(FAVOURITES, &list(&self.favourites));
    }

    /// Notes a currency that was chosen from a list.
    pub fn used(&mut self, code: &Code) {
        self.recent.retain(|recent| recent != code);
        self.recent.insert(0, code.clone());
        self.recent.truncate(Self::RECENT);
        storage::set(RECENT, &list(&self.recent));
    }

    pub fn set_keys(&mut self, keys: bool) {
        self.keys = keys;
        storage::set(KEYS, if keys { "on" } else { OFF });
    }

    /// Goes from the system's theme to the other one, so that each change but the last one is seen.
    pub fn change_theme(&mut self) {
        let (system, other) = if dom::prefers_dark() {
            (Theme::Dark, Theme::Light)
        } else {
            (Theme::Light, Theme::Dark)
        };
        self.theme = match self.theme {
            Theme::System => other,
            theme if theme == other => system,
            _ => Theme::System,
        };
        storage::set(THEME, self.theme.as_str());
        dom::set_attribute("data-theme", self.theme.as_str());
    }
}

/// Completes a state by the direction, digits and language that the reader has chosen before. A choice in the address is
/// remembered, unless it is `usual`, the direction that the page shows by itself.
pub fn remember(state: PageState, usual: Quotation) -> PageState {
    if let Some(quotation) = state.quotation {
        storage::set(QUOTE, if quotation == usual { "" } else { quotation.as_str() });
    }
    if let Some(digits) = state.digits {
        storage::set(DIGITS, digits.as_str());
    }
    if let Some(language) = state.language {
        storage::set(LANGUAGE, language.tag());
    }
    let remembered = |name| storage::get(name).unwrap_or_default();
    PageState {
        quotation: state.quotation.or_else(|| remembered(QUOTE).parse().ok()),
        digits: state.digits.or_else(|| remembered(DIGITS).parse().ok()),
        language: state.language.or_else(|| remembered(LANGUAGE).parse().ok()),
        ..state
    }
}

/// Reads only codes in their canonical form, as the page's script does.
fn codes(list: &str) -> Vec<Code> {
    let code = |code: &str| code.parse().ok().filter(|parsed: &Code| parsed.as_str() == code);
    list.split(',').filter_map(code).collect()
}

fn list(codes: &[Code]) -> String {
    let codes: Vec<_> = codes.iter().map(Code::as_str).collect();
    codes.join(",")
}

impl Theme {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}
