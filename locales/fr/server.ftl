# Les textes dont seul le serveur a besoin, en français. locales/en/server.ftl dit où chacun apparaît.

description = Ce que valent un bitcoin, un euro, une once d’or ou l’une de quelque 76 devises, actualisé toutes les cinq minutes.
not-refreshing = Pas d’actualisation
not-found-title = Introuvable
not-found = Il n’y a rien ici
not-found-why = L’adresse ne mène nulle part.
not-found-link = Voir les cours

trust-past = Pas en direct
alert-past-title = Ce ne sont pas les cours actuels.
alert-past = Ce sont les derniers avant la fin du { $day } (UTC). { $link } Enregistrés le { $time }
alert-past-filled-in = Ce sont les derniers avant la fin du { $day } (UTC), complétés plus tard d’après l’historique de CoinGecko. Devises sans valeur d’alors : { $missing }. { $link } Valeurs du { $time }
back-to-now = Revenir à maintenant
banner-past = COURS NON ACTUELS
history-past = Il n’y a de graphique que pour les cours actuels.
no-changes-past = Il n’y a de variations que pour les cours actuels.

allowed-date = un jour, comme 2026-10-31
warning-date = « { $name } » ne peut pas être « { $value } » : { $why }. Les cours actuels sont affichés.
day-unknown = ce jour n’existe pas
day-not-begun = ce jour n’a pas commencé
day-too-early = l’historique de { $codes } commence le { $time }
day-no-history = il n’y a pas encore d’historique de { $codes }
day-two-codes = { $one } et { $two }
day-unreadable = l’historique ne peut être lu en ce moment
day-not-yet = Les cours du jour indiqué dans l’adresse ne peuvent pas encore être affichés. Rechargez la page pour les redemander.

tile-sample = Exemple, pas en direct
tile-day = 24 h : { $change }
tile-no-change = inconnue
all-rates = Tous les cours
tile-wrong = Cette adresse est erronée
tile-takes-currency = Il manque une devise, comme dans { $example }.
tile-takes-no-date = Seul le cours actuel est affiché ici : une date n’est pas possible.
tile-unknown-title = Cette devise n’existe pas ici
tile-unknown = « { $code } » n’est pas le code d’une devise connue ici.
tile-none-title = Pas encore de cours
tile-none = Aucune source n’a répondu depuis le démarrage du serveur.

worker-title = Indisponible hors ligne
worker-no-day = Les cours d’un jour antérieur sont indisponibles hors ligne
worker-now = Les derniers cours conservés
worker-again = Réessayer

amount = Montant
base = Base
into = En
swap = Inverser
show = Afficher
rates-on = Cours du
go = Voir
search = Rechercher
types = Type
refresh = Actualiser
view = Affichage
wallboard = Écran mural
help = Touches et aide
for-developers = Pour les développeurs
disclaimer = Les cours sont donnés à titre d’information, pas pour négocier.
languages = Langue

keys = Touches
key-search = rechercher
key-next-row = ligne suivante
key-row-before = ligne précédente
key-open = ouvrir la ligne
key-close = fermer, ou vider la recherche
key-pin = épingler la ligne, ou la détacher
key-move-down = descendre une ligne épinglée
key-move-up = la monter
key-base = prendre la ligne comme base
key-copy = copier sa valeur
key-copy-all = copier tous ses chiffres
key-refresh = actualiser maintenant
key-theme = clair, sombre ou comme le système
key-wallboard = écran mural
key-turn = tourner ses pages
key-pause = les arrêter, ou reprendre
key-help = cette aide
single-letters = Les lettres seules font cela
help-money = Les montants sont écrits jusqu’à leur plus petite unité, comme le centime, et avec cinq chiffres s’il en restait moins de quatre.
help-digits = Aucun nombre n’a plus de chiffres que l’arrondi de la source n’en justifie, ni plus de sept qui comptent.
help-all-digits = « Tous les chiffres » copie tous ceux qu’il y a.

back-to-table = Tableau
back = Retour
next = Suite
full-screen = Plein écran
change-theme = Thème
