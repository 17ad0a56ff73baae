# Die Texte der Seite auf Deutsch. Was wo steht, sagt locales/en/page.ftl.

number-large = 12.345.678,9
number-small = 1.234

trust-none = Keine Kurse
trust-sample = Beispiel
trust-stale = Veraltet
trust-live = Live
rates-of = Kurse vom { $time }
stale-origin = Veraltet: { $source }, { $time }
ago-now = gerade eben
ago-seconds = vor { $n } s
ago-minutes = vor { $n } min
ago-hours = vor { $n } h
ago-days =
    { $n ->
        [one] vor { $n } Tag
       *[other] vor { $n } Tagen
    }

next-refresh-at = Nächste Aktualisierung { $time }
next-refresh-in = Aktualisierung in { $time }
next-try-in = Nächster Versuch in { $time }
refreshing = Wird aktualisiert …
refreshing-soon = Gleich aktualisiert

alert-none-title = Noch keine Kurse.
alert-none = Seit dem Start des Servers hat keine Quelle geantwortet. Sobald eine antwortet, füllt sich die Seite von selbst.
alert-sample-title = Beispieldaten, keine aktuellen Kurse.
alert-sample = Diese Zahlen nicht verwenden: Keine Quelle antwortet, darum steht hier ein Beispiel vom { $time }
alert-stale-title = Diese Kurse sind veraltet.
alert-stale = Sie bleiben stehen, bis es neuere gibt. { $source } antwortet nicht seit { $time }
alert-unchanged = { $source } antwortet, aber die Kurse sind unverändert seit { $time }
some-older-title = Einige Kurse sind älter.
some-older = { $source } hat sie zurzeit nicht; bei jedem steht seine eigene Zeit.
not-refreshed-title = Diese Seite konnte sich nicht aktualisieren:
not-refreshed = { $why }. Sie versucht es weiter.
error-no-rates = Der Server hat noch keine Kurse
error-unreachable = Der Server ist nicht erreichbar
error-failed = Der Server hat die Seite nicht verstanden
error-other-build = Der Server hat eine andere Version

dismiss = Ausblenden
warning-twice = „{ $name }“ steht zweimal in der Adresse; das erste zählt.
warning-not-utf8 = „{ $name }“ ist kein gültiges UTF-8 und wurde übergangen.
warning-value = „{ $name }“ kann nicht „{ $value }“ sein, möglich ist: { $allowed }. Gezeigt wird die Voreinstellung.
warning-unknown = „{ $name }“ kann zurzeit nicht „{ $code }“ sein: Eine solche Währung ist hier nicht bekannt. { $instead }
warning-codes =
    { $n ->
        [one] { $codes } ist hier nicht bekannt. { $instead }
       *[other] { $codes } sind hier nicht bekannt. { $instead }
    }
quoted = „{ $text }“
instead-default = Gezeigt wird die Voreinstellung.
instead-all = Gezeigt werden alle.
instead-others = Gezeigt werden die anderen.
allowed-base = der Code einer Währung wie btc oder eur
allowed-amount = eine Zahl über 0 mit höchstens 15 Ziffern
allowed-quote = direct oder inverse
allowed-digits = usual oder all
allowed-type = all, crypto, fiat oder commodity
allowed-symbols = Codes mit Kommas dazwischen wie usd,eur
allowed-sort = popularity, name, code, type, unit, value, change-1h, change oder change-7d
allowed-view = table oder board
allowed-rotate = 0 oder eine Zahl von Sekunden von 5 bis 3600
allowed-code = der Code einer Währung wie usd oder eur
allowed-span = 1h, 24h, 7d oder 30d
allowed-dir = asc oder desc
allowed-lang = en, de, fr, es, ja oder ar

everything = allem
no-amount = Keine Zahl über 0. Zum Beispiel: { $example }
read-as = Gelesen als { $measure }
recent-currencies = Zuletzt gewählt
popular-currencies = Beliebt
all-currencies = Alle

type-all = Alle
type-crypto = Krypto
type-fiat = Währungen
type-commodity = Rohstoffe
favourites = Favoriten
of-the-link = Aus dem Link
numbers = Zahlen
prices-in = Preise in { $base }
measure-is = Wert von { $measure }
measure-buys = Was man für { $measure } bekommt
all-digits = Alle Ziffern
usual-digits = Übliche Ziffern
nothing-of-type = Die Quelle hat nichts von dieser Art.
nothing-matches-here = Hier passt nichts zu „{ $search }“.
show-everything = Alles anzeigen

column-code = Code
column-name = Name
column-type = Art
column-unit = Zeichen
column-value = Wert
last-day = Letzte 24 Stunden
pin = { $code } anheften
now-first = { $code } steht jetzt in den ersten Zeilen
unit-of-bitcoin = Bitcoin-Einheit
constant = konstant
constant-why = Konstant: Bitcoin und seine eigenen Einheiten sind ineinander immer gleich viel wert.
frozen = eingefroren
frozen-why = Eingefroren: Diese Währung wurde 2018 ersetzt, die Quellen führen sie mit festem Kurs zum Dollar weiter.
highlights = Auf einen Blick

no-changes-sample = Keine Änderungen über 24 Stunden: Das sind keine aktuellen Kurse.
no-changes-old = Keine Änderungen über 24 Stunden: Diese Kurse sind über eine Stunde alt.
no-changes-cut-off = Änderungen in einer anderen Basis folgen, sobald der Server erreichbar ist.
no-changes-no-history = Änderungen über 24 Stunden erscheinen, sobald es einen Verlauf dafür gibt.
no-changes-short-history = Änderungen über 24 Stunden erscheinen, sobald der Verlauf so weit reicht. Er beginnt { $time }
changes-told-by-source = Änderungen über 24 Stunden stammen von CoinGecko, wo der Verlauf hier dafür zu kurz ist.

close = Schließen
pair = { $unit } je { $priced }
copy = Kopieren
copied = { $number } kopiert
copy-refused = Der Browser lässt diese Seite nicht kopieren: { $number }
spans = Zeitraum
span-hour = 1 Std.
span-day = 24 Std.
span-week = 7 Tage
span-month = 30 Tage
high = Hoch
low = Tief
change-since = Änderung seit
point-in-time = Zeitpunkt
compare-with = Vergleichen mit
nothing = nichts
same-as-table = Dasselbe als Tabelle
points-time = Zeit
points-value = Wert
history-on-its-way = Der Verlauf ist unterwegs oder zurzeit nicht lesbar.
history-too-short = Aus dieser Zeit gibt es noch keinen Verlauf. Er wächst mit jeder Aktualisierung des Servers.
history-unreadable = Der Server kann seinen Verlauf zurzeit nicht lesen.

alert-at = Melden, wenn erreicht ist:
alert-example = 80000 oder 3%
set-alert = Alarm setzen
forget = Löschen
alert-above = 1 { $base } über { $value } { $quote }.
alert-below = 1 { $base } unter { $value } { $quote }.
alert-change = { $base } in { $quote } ±{ $value } % in 24 Std.
reached = Erreicht:
alert-page-only = Dieser Browser zeigt hier keine Benachrichtigungen: Nur die Seite meldet es

nothing-matches = Nichts passt zu „{ $search }“
rates-found =
    { $n ->
        [one] { $n } Kurs
       *[other] { $n } Kurse
    }

theme = Farben: { $theme }
theme-system = wie das System
theme-light = hell
theme-dark = dunkel

banner-none = NOCH KEINE KURSE
banner-sample = BEISPIEL, KEINE AKTUELLEN KURSE
banner-stale = VERALTETE KURSE
nothing-fits = Zu dieser Adresse passt hier nichts.
changes-over-day = Änderungen über 24 Stunden
pause = Anhalten
go-on = Fortsetzen
paused = angehalten

health = Zustand
