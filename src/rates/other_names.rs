//! What people call a currency beside its official name.

use super::Code;

/// A line for each code: countries, their people and everyday names, in lower case and without marks.
///
/// A search finds what begins a word, so names that begin a word of CoinGecko's name are left out: "japan" is in
/// "Japanese Yen". It is a text because it is part of the download.
const OTHER_NAMES: &str = "\
aed uae emirati dubai abu dhabi
ars argentina argentinian
aud aussie
bam bosnian
bits ubtc microbitcoin
bmd bermuda
brl brazilian brasil reais
btc xbt
cad canada loonie
chf switzerland schweiz suisse
cny china rmb renminbi cnh
crc costarican
czk czechia republic crown
dkk denmark crown
dop republic
eth ethereum
eur europe european eurozone germany france french italy italian spain spanish netherlands dutch ireland irish \
portugal portuguese greece greek austrian belgium belgian finland finnish
gbp uk united kingdom great britain england english scotland scottish wales welsh quid
gtq quetzales
hkd hongkong
hnl honduras
huf hungary
ils nis sheqel
inr rs
lbp lebanon
mmk burma myanmar
mxn mexico
myr rm
nok norway crown
nzd kiwi
php philippines filipino
pln poland pole
rub rouble
sar arabian
sats satoshis
sek sweden crown
sgd singaporean
svc el salvadorian
thb thailand
try turkey turkiye
twd taiwanese
uah ukraine
usd united states america american usa buck greenback
xag oz metal bullion
xau oz metal bullion
xdr sdr international monetary fund
xlm stellar
xrp ripple
zar rsa";

impl Code {
    /// Returns other names of this currency with blanks between them; empty if there are none.
    pub fn other_names(&self) -> &'static str {
        let of_this = |line: &'static str| line.strip_prefix(self.as_str())?.strip_prefix(' ');
        OTHER_NAMES.split('\n').find_map(of_this).unwrap_or_default()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::sources::sample;

    #[test]
    fn every_line_is_of_a_known_code_and_says_what_its_name_does_not() {
        let sample = sample::snapshot();
        let lines: Vec<_> = OTHER_NAMES.split('\n').collect();
        assert!(lines.is_sorted(), "codes in order are found by people");
        for line in lines {
            let (code, names) = line.split_once(' ').unwrap();
            let rate = sample.get(&code.parse().unwrap()).expect(code);
            assert_eq!(rate.code.other_names(), names, "{code} has two lines");
            let official = rate.name.to_lowercase();
            for name in names.split(' ') {
                let known = official.split(' ').any(|word| word.starts_with(name));
                assert!(!known && name.bytes().all(|b| b.is_ascii_lowercase()), "{code}: {name}");
            }
        }
    }

    #[test]
    fn what_has_no_other_names_has_none() {
        for code in ["jpy", "au", "a", "zzz"] {
            assert_eq!(code.parse::<Code>().unwrap().other_names(), "", "{code}");
        }
    }
}
