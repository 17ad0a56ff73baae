//! The page in the reader's language.

use crypto_rates::language::Language;

use crate::app::{Answer, App};

const DOCUMENT: &str = "<!DOCTYPE html><html lang=\"";

/// Returns the tag in the document.
fn language(answer: &Answer) -> &str {
    let (_, rest) = answer.text().split_once(DOCUMENT).unwrap();
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn the_address_comes_before_the_browser_s_languages() {
    let app = App::start().await;
    for (path, accepted, tag, varies) in [
        ("/", "", "en", true),
        ("/", "de-CH,de;q=0.9,en;q=0.8", "de", true),
        ("/", "pt-BR,pt", "en", true),
        ("/?base=eur", "ja", "ja", true),
        ("/?lang=fr", "de", "fr", false),
        ("/?lang=", "de", "de", true),
        ("/?lang=xx", "es", "es", true),
        ("/?view=board", "ar", "ar", true),
        ("/?view=rate&symbol=usd", "es", "es", true),
        ("/?view=rate&symbol=usd&lang=ja", "es", "ja", false),
        ("/?view=rate&symbol=xyz", "es", "es", true),
    ] {
        // The second answer to each comes from the cache, where it is kept.
        for _ in 0..2 {
            let answer = app.get_with(path, &[("accept-language", accepted)]).await;
            assert_eq!(language(&answer), tag, "{path} for {accepted}");
            assert_eq!(answer.header("content-language"), tag, "{path} for {accepted}");
            let vary = answer.header("vary");
            assert_eq!(vary.contains("accept-language"), varies, "{path} for {accepted}: {vary}");
        }
    }
    let wrong = app.get("/?lang=xx").await;
    assert!(wrong.text().contains("“lang” can't be “xx”: it takes en, de, fr, es, ja or ar."));
    let nowhere =
        app.get_with("/nowhere", &[("accept", "text/html"), ("accept-language", "de")]).await;
    assert!(nowhere.text().contains("Hier ist nichts") && language(&nowhere) == "de");
    let of_browsers = [("accept", "text/html"), ("accept-language", "de")];
    let chosen = app.get_with("/nowhere?lang=fr", &of_browsers).await;
    assert!(language(&chosen) == "fr" && !chosen.header("vary").contains("accept-language"));
}

#[tokio::test]
async fn the_form_is_read_as_it_was_written() {
    let app = App::start().await;
    for tag in Language::ALL.map(Language::tag) {
        let query = format!("base=usd&amount=1.234&lang={tag}");
        let page = app.get(&format!("/?{query}")).await;
        let field = |name: &str| {
            let name = format!("name=\"{name}\"");
            let mut tags = page.text().split("<input").map(|tag| tag.split('>').next().unwrap());
            let tag = tags.find(|tag| tag.contains(&name)).unwrap();
            let value = tag.split(" value=\"").nth(1).unwrap().split('"').next().unwrap();
            value.replace("&amp;", "&")
        };
        let (amount, shown) = (field("amount"), field("shown"));
        let fields = [("amount", &*amount), ("base", "usd"), ("shown", &*shown)];
        let sent = app.redirect(&format!("/?{}", crypto_rates::query::write(fields))).await;
        // English is the language of the page without one, and stays where it was chosen.
        assert_eq!(sent, (307, format!("?{query}")), "{amount}");
    }
}

#[tokio::test]
async fn a_reader_with_the_page_in_one_language_gets_the_other() {
    let app = App::start().await;
    let german = app.get_with("/", &[("accept-language", "de")]).await;
    let tag = german.header("etag");
    let known = |accepted| [("if-none-match", tag), ("accept-language", accepted)];
    for (accepted, status) in [("de", 304), ("de-AT, en", 304), ("fr", 200), ("", 200)] {
        let answer = app.get_with("/", &known(accepted)).await;
        assert_eq!(answer.status.as_u16(), status, "{accepted}");
        assert!(answer.header("vary").contains("accept-language"), "{accepted}");
    }
}

#[tokio::test]
async fn every_language_is_whole() {
    let app = App::start().await;
    for (language, parts) in [
        (Language::En, ["US Dollar", "Next refresh", "75,817</span>"]),
        (Language::De, ["US-Dollar", "Nächste Aktualisierung", "75.817</span>"]),
        (
            Language::Fr,
            ["Dollar des États-Unis", "Prochaine actualisation", "75\u{202f}817</span>"],
        ),
        (Language::Es, ["Dólar estadounidense", "Próxima actualización", "75.817</span>"]),
        (Language::Ja, ["米ドル", "次の更新", "75,817</span>"]),
        (Language::Ar, ["دولار أمريكي", "التحديث التالي", "75,817</span>"]),
    ] {
        let answer = app.get(&format!("/?lang={}", language.tag())).await;
        for part in parts {
            assert!(answer.text().contains(part), "{part} is missing in {language:?}");
        }
        let right_to_left = answer.text().contains("<html lang=\"ar\" dir=\"rtl\">");
        assert_eq!(right_to_left, language == Language::Ar);
        // A text that is missing would leave nothing.
        assert!(!answer.text().contains("aria-label=\"\""), "{language:?}");
        // From each page there is a way to all others, without JavaScript.
        for other in Language::ALL {
            let (tag, name) = (other.tag(), other.name());
            let link = if other == language {
                format!("<b>{name}</b>")
            } else {
                format!("<a lang={tag} href=\"?lang={tag}\">{name}</a>")
            };
            assert!(answer.text().contains(&link), "{link} is missing in {language:?}");
        }
    }
}

#[tokio::test]
async fn a_currency_is_found_by_its_name_in_the_reader_s_language_and_in_english() {
    let app = App::start().await;
    for (query, found) in [
        ("q=yen+japon&lang=fr", "jpy"),
        ("q=japanese+yen&lang=fr", "jpy"),
        ("q=britisch&lang=de", "gbp"),
        ("q=%E7%B1%B3%E3%83%89%E3%83%AB&lang=ja", "usd"),
        // In hiragana.
        ("q=%E7%B1%B3%E3%81%A9%E3%82%8B&lang=ja", "usd"),
        ("q=%D8%B0%D9%87%D8%A8&lang=ar", "xau"),
    ] {
        let page = app.get(&format!("/?{query}")).await;
        let rows = page.text().split("<tbody").nth(1).unwrap().split("</tbody>").next().unwrap();
        let first = rows.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(first, found, "{query}");
    }
}

#[tokio::test]
async fn what_is_for_programs_stays_english() {
    let app = App::start().await;
    let german = [("accept-language", "de")];
    for path in ["/api/rates", "/api/rates.csv", "/api/rates/usd", "/fn/latest", "/api/docs"] {
        let (plain, answer) = (app.get(path).await, app.get_with(path, &german).await);
        assert!(!answer.header("vary").contains("accept-language"), "{path}");
        assert_eq!(plain.header("content-language"), answer.header("content-language"), "{path}");
        assert!(!answer.text().contains("US-Dollar"), "{path}");
    }
}
