# Die Texte, die nur der Server braucht, auf Deutsch. Was wo steht, sagt locales/en/server.ftl.

description = Was ein Bitcoin, ein Euro, eine Unze Gold oder eine von rund 76 Währungen wert ist, alle fünf Minuten aktualisiert.
not-refreshing = Keine Aktualisierung
not-found-title = Nicht gefunden
not-found = Hier ist nichts
not-found-why = Die Adresse führt nirgendwohin.
not-found-link = Zu den Kursen

trust-past = Nicht aktuell
alert-past-title = Keine aktuellen Kurse.
alert-past = Das sind die letzten bis zum Ende des { $day } (UTC). { $link } Aufgezeichnet { $time }
alert-past-filled-in = Das sind die letzten bis zum Ende des { $day } (UTC), später aus CoinGeckos Verlauf ergänzt. Währungen ohne damaligen Wert: { $missing }. { $link } Stand { $time }
back-to-now = Zurück zu jetzt
banner-past = KEINE AKTUELLEN KURSE
history-past = Einen Verlauf gibt es nur zu den aktuellen Kursen.
no-changes-past = Änderungen gibt es nur zu den aktuellen Kursen.

allowed-date = ein Tag wie 2026-10-31
warning-date = „{ $name }“ kann nicht „{ $value }“ sein: { $why }. Gezeigt werden die aktuellen Kurse.
day-unknown = Diesen Tag gibt es nicht
day-not-begun = Dieser Tag hat noch nicht begonnen
day-too-early = Der Verlauf von { $codes } beginnt { $time }
day-no-history = Es gibt noch keinen Verlauf von { $codes }
day-two-codes = { $one } und { $two }
day-unreadable = Der Verlauf ist zurzeit nicht lesbar
day-not-yet = Die Kurse des Tages in der Adresse können noch nicht gezeigt werden. Laden Sie die Seite neu, um es noch einmal zu versuchen.

tile-sample = Beispiel, nicht aktuell
tile-day = 24 Std.: { $change }
tile-no-change = unbekannt
all-rates = Alle Kurse
tile-wrong = Diese Adresse ist falsch
tile-takes-currency = Es fehlt eine Währung, wie in { $example }.
tile-takes-no-date = Gezeigt wird der aktuelle Kurs: Ein Datum ist nicht möglich.
tile-unknown-title = Diese Währung gibt es hier nicht
tile-unknown = „{ $code }“ ist kein Code einer hier bekannten Währung.
tile-none-title = Noch keine Kurse
tile-none = Seit dem Start des Servers hat keine Quelle geantwortet.

worker-title = Ohne Netz nicht da
worker-no-day = Die Kurse eines früheren Tages sind ohne Netz nicht da
worker-now = Die zuletzt gespeicherten aktuellen Kurse
worker-again = Noch einmal versuchen

amount = Betrag
base = Basis
into = In
swap = Tauschen
show = Anzeigen
rates-on = Kurse vom
go = Los
search = Suchen
types = Art
refresh = Aktualisieren
view = Ansicht
wallboard = Wandanzeige
help = Tasten und Hilfe
for-developers = Für Entwickler
disclaimer = Die Kurse dienen der Information, nicht dem Handel.
languages = Sprache

keys = Tasten
key-search = suchen
key-next-row = nächste Zeile
key-row-before = vorige Zeile
key-open = Zeile öffnen
key-close = schließen oder die Suche leeren
key-pin = Zeile anheften oder lösen
key-move-down = angeheftete Zeile nach unten
key-move-up = nach oben
key-base = Zeile als Basis nehmen
key-copy = Wert kopieren
key-copy-all = alle Ziffern kopieren
key-refresh = jetzt aktualisieren
key-theme = hell, dunkel oder wie das System
key-wallboard = Wandanzeige
key-turn = darin blättern
key-pause = anhalten oder fortsetzen
key-help = diese Hilfe
single-letters = Einzelne Buchstaben tun das
help-money = Geldbeträge stehen bis zur kleinsten Einheit da, etwa dem Cent, und mit fünf Ziffern, wo sonst weniger als vier blieben.
help-digits = Keine Zahl hat mehr Ziffern, als die Rundung der Quelle hergibt, und höchstens sieben, die zählen.
help-all-digits = „Alle Ziffern“ kopiert alle, die es gibt.

back-to-table = Tabelle
back = Zurück
next = Weiter
full-screen = Vollbild
change-theme = Farben
