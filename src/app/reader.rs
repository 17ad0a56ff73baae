//! What the browser remembers and knows of its reader. The server knows nothing of it.

use super::platform;
use crate::rates::{Code, NumberStyle};

/// The name in the browser's storage, and of the data on the document that `src/assets/inline_scripts.rs` makes of
/// it.
pub const FAVOURITES: &str = "favourites";
/// The same for the [`Theme`].
pub const THEME: &str = "theme";
const KEYS: &str = "keys";
const OFF: &str = "off";

/// Of one reader.
#[derive(Clone)]
pub struct Reader {
    /// Pinned on top, in the order in which they were chosen.
    pub favourites: Vec<Code>,
    /// How their language writes numbers.
    pub style: NumberStyle,
    pub theme: Theme,
    /// Whether single letters do something.
    pub keys: bool,
}

/// Light or dark.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    Light,
    Dark,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            favourites: Vec::new(),
            style: NumberStyle::default(),
            theme: Theme::default(),
            keys: true,
        }
    }
}

impl Reader {
    /// As the browser remembers them; with the favourites by which the page is in order, be it that
    /// another tab has changed them since.
    pub fn of_the_page() -> Self {
        let favourites = codes(&platform::document_data(FAVOURITES).unwrap_or_default());
        let theme = match platform::remembered(THEME).as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        let keys = platform::remembered(KEYS).is_none_or(|keys| keys != OFF);
        Self { favourites, theme, keys, style: NumberStyle::default() }
    }

    /// Takes over what another tab may have changed, and says whether it has.
    pub fn recall_favourites(&mut self) -> bool {
        let Some(favourites) = platform::remembered(FAVOURITES) else { return false };
        let favourites = codes(&favourites);
        let changed = favourites != self.favourites;
        self.favourites = favourites;
        changed
    }

    /// Pins a currency, or unpins it.
    pub fn toggle(&mut self, code: &Code) {
        self.recall_favourites();
        match self.favourites.iter().position(|favourite| favourite == code) {
            Some(place) => {
                self.favourites.remove(place);
            }
            None => self.favourites.push(code.clone()),
        }
        let codes: Vec<_> = self.favourites.iter().map(Code::as_str).collect();
        platform::remember(FAVOURITES, &codes.join(","));
    }

    pub fn set_keys(&mut self, keys: bool) {
        self.keys = keys;
        platform::remember(KEYS, if keys { "on" } else { OFF });
    }

    pub fn change_theme(&mut self) {
        self.theme = match self.theme {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        };
        platform::remember(THEME, self.theme.as_str());
        platform::show_theme(self.theme.as_str());
    }
}

/// Those that are written as we write them: exactly these the page's script has moved.
fn codes(list: &str) -> Vec<Code> {
    let code = |code: &str| code.parse().ok().filter(|parsed: &Code| parsed.as_str() == code);
    list.split(',').filter_map(code).collect()
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
