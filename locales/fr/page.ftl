# Les textes de la page en français. locales/en/page.ftl dit où chacun apparaît.

number-large = 12 345 678,9
number-small = 1 234

trust-none = Aucun cours
trust-sample = Exemple
trust-stale = Anciens
trust-live = En direct
rates-of = Cours du { $time }
stale-origin = Ancien : { $source }, { $time }
ago-now = à l’instant
ago-seconds = il y a { $n } s
ago-minutes = il y a { $n } min
ago-hours = il y a { $n } h
ago-days =
    { $n ->
        [one] il y a { $n } jour
       *[other] il y a { $n } jours
    }

next-refresh-at = Prochaine actualisation { $time }
next-refresh-in = Actualisation dans { $time }
next-try-in = Nouvel essai dans { $time }
refreshing = Actualisation…
refreshing-soon = Actualisation imminente

alert-none-title = Pas encore de cours.
alert-none = Aucune source n’a répondu depuis le démarrage du serveur. La page se remplira d’elle-même dès que l’une répondra.
alert-sample-title = Données d’exemple, pas des cours réels.
alert-sample = N’utilisez pas ces chiffres : aucune source ne répond, ceci est donc un exemple du { $time }
alert-stale-title = Ces cours sont anciens.
alert-stale = Ils restent affichés jusqu’à l’arrivée de plus récents. { $source } ne répond plus depuis { $time }
alert-unchanged = { $source } répond, mais ses cours n’ont pas changé depuis { $time }
some-older-title = Certains cours sont plus anciens.
some-older = { $source } ne les fournit pas en ce moment ; chacun indique sa propre heure.
not-refreshed-title = La page n’a pas pu s’actualiser :
not-refreshed = { $why }. Elle continue d’essayer.
error-no-rates = le serveur n’a pas encore de cours
error-unreachable = le serveur est injoignable
error-failed = le serveur n’a pas compris la page
error-other-build = le serveur a une autre version

dismiss = Masquer
warning-twice = « { $name } » figure deux fois dans l’adresse ; le premier compte.
warning-not-utf8 = « { $name } » n’est pas de l’UTF-8 valide et a été ignoré.
warning-value = « { $name } » ne peut pas être « { $value } » ; valeurs possibles : { $allowed }. La valeur par défaut est affichée.
warning-unknown = « { $name } » ne peut pas être « { $code } » en ce moment : cette devise n’est pas connue ici. { $instead }
warning-codes =
    { $n ->
        [one] { $codes } n’est pas connu ici. { $instead }
       *[other] { $codes } ne sont pas connus ici. { $instead }
    }
quoted = « { $text } »
instead-default = La valeur par défaut est affichée.
instead-all = Toutes sont affichées.
instead-others = Les autres sont affichées.
allowed-base = le code d’une devise, comme btc ou eur
allowed-amount = un nombre supérieur à 0 d’au plus 15 chiffres
allowed-quote = direct ou inverse
allowed-digits = usual ou all
allowed-type = all, crypto, fiat ou commodity
allowed-symbols = des codes séparés par des virgules, comme usd,eur
allowed-sort = popularity, name, code, type, unit, value, change-1h, change ou change-7d
allowed-view = table ou board
allowed-rotate = 0 ou un nombre de secondes de 5 à 3600
allowed-code = le code d’une devise, comme usd ou eur
allowed-span = 1h, 24h, 7d ou 30d
allowed-dir = asc ou desc
allowed-lang = en, de, fr, es, ja ou ar

everything = tout
no-amount = Pas un nombre supérieur à 0. Par exemple : { $example }
read-as = Lu comme { $measure }
recent-currencies = Récentes
popular-currencies = Populaires
all-currencies = Toutes

type-all = Tout
type-crypto = Crypto
type-fiat = Devises
type-commodity = Métaux
favourites = Favoris
of-the-link = Du lien
numbers = Nombres
prices-in = Prix en { $base }
measure-is = Valeur de { $measure }
measure-buys = Ce que l’on obtient pour { $measure }
all-digits = Tous les chiffres
usual-digits = Chiffres usuels
nothing-of-type = La source n’a rien de ce type.
nothing-matches-here = Rien ne correspond à « { $search } » ici.
show-everything = Tout afficher

column-code = Code
column-name = Nom
column-type = Type
column-unit = Symbole
column-value = Valeur
last-day = Dernières 24 heures
pin = Épingler { $code }
now-first = { $code } est maintenant parmi les premières lignes
unit-of-bitcoin = unité du bitcoin
constant = constant
constant-why = Constant : le bitcoin et ses propres unités gardent toujours la même valeur entre eux.
frozen = figé
frozen-why = Figé : cette devise a été remplacée en 2018, et les sources continuent avec un taux fixe face au dollar.
highlights = En bref

no-changes-sample = Pas de variations sur 24 heures : ce ne sont pas des cours réels.
no-changes-old = Pas de variations sur 24 heures : ces cours ont plus d’une heure.
no-changes-cut-off = Les variations dans une autre base viendront dès que le serveur sera joignable.
no-changes-no-history = Les variations sur 24 heures apparaîtront dès qu’il y aura un historique.
no-changes-short-history = Les variations sur 24 heures apparaîtront dès que l’historique sera assez long. Il commence le { $time }
changes-told-by-source = Les variations sur 24 heures sont celles de CoinGecko là où l’historique d’ici est trop court.

close = Fermer
pair = { $unit } par { $priced }
copy = Copier
copied = { $number } copié
copy-refused = Le navigateur ne laisse pas cette page copier : { $number }
spans = Période
span-hour = 1 h
span-day = 24 h
span-week = 7 j
span-month = 30 j
high = Plus haut
low = Plus bas
change-since = Variation depuis
point-in-time = Moment
compare-with = Comparer avec
nothing = rien
same-as-table = Les mêmes données en tableau
points-time = Heure
points-value = Valeur
history-on-its-way = L’historique arrive, ou ne peut être lu en ce moment.
history-too-short = Il n’y a pas encore d’historique de cette période. Il grandit à chaque actualisation du serveur.
history-unreadable = Le serveur ne peut pas lire son historique en ce moment.

alert-at = Me prévenir à partir de
alert-example = 80000 ou 3%
set-alert = Créer l’alerte
forget = Supprimer
alert-above = 1 { $base } au-dessus de { $value } { $quote }.
alert-below = 1 { $base } au-dessous de { $value } { $quote }.
alert-change = { $base } en { $quote } : ±{ $value } % en 24 h.
reached = Atteint :
alert-page-only = Ce navigateur n’affiche pas de notifications ici : seule la page vous préviendra

nothing-matches = Rien ne correspond à « { $search } »
rates-found =
    { $n ->
        [one] { $n } cours
       *[other] { $n } cours
    }

theme = Thème : { $theme }
theme-system = comme le système
theme-light = clair
theme-dark = sombre

banner-none = PAS ENCORE DE COURS
banner-sample = EXEMPLE, PAS DES COURS RÉELS
banner-stale = COURS ANCIENS
nothing-fits = Rien ici ne correspond à cette adresse.
changes-over-day = Variations sur 24 h
pause = Pause
go-on = Reprendre
paused = en pause

health = État
