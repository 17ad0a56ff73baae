# The texts of the page, in English. CONTRIBUTING.md says how to add a text or a language.
#
# No text has markup in it, or &, < or >. Amounts and times come as they are to be shown; $n is a number, for
# the plural. A time ($time) stands last in its line, because its width changes when it becomes the reader's.

## How the language writes 12345678.9 and 1234, from which the page learns to write all numbers

number-large = 12,345,678.9
number-small = 1,234

## How far the rates can be trusted

trust-none = No rates
trust-sample = Sample
trust-stale = Stale
trust-live = Live
rates-of = Rates of { $time }
# Of a rate that the source lacks now.
stale-origin = Stale: { $source }, { $time }
ago-now = just now
ago-seconds = { $n } s ago
ago-minutes = { $n } min ago
ago-hours = { $n } h ago
ago-days = { $n } days ago

## The next refresh

next-refresh-at = Next refresh { $time }
# $time is a countdown, such as 4:05.
next-refresh-in = Next refresh in { $time }
next-try-in = Next try in { $time }
refreshing = Refreshing…
refreshing-soon = Refreshing soon

## Alerts: a title, and what it means

alert-none-title = No rates yet.
alert-none = No source has answered since the server started. The page fills itself as soon as one does.
alert-sample-title = Sample data, not live rates.
alert-sample = Do not use these numbers: no live source answers, so this is an example of { $time }
alert-stale-title = These rates are stale.
alert-stale = They stay here until there are newer ones. { $source } has not answered since { $time }
alert-unchanged = { $source } answers, but its rates have not changed since { $time }
some-older-title = Some rates are older.
some-older = { $source } does not have them now; each tells its own time.
not-refreshed-title = This page could not refresh itself:
not-refreshed = { $why }. It keeps trying.
error-no-rates = the server has no rates yet
error-unreachable = the server can't be reached
error-failed = the server did not understand the page
error-other-build = the server has another version

## What is wrong in the address. Names and words of addresses stay as they are.

dismiss = Dismiss
warning-twice = “{ $name }” stands twice in the address; the first one counts.
warning-not-utf8 = “{ $name }” is not valid UTF-8; it was left out.
warning-value = “{ $name }” can't be “{ $value }”: it takes { $allowed }. The default is shown.
warning-unknown = “{ $name }” can't be “{ $code }” now: no such currency is known here. { $instead }
# $codes are one or more codes, each as in quoted.
warning-codes =
    { $n ->
        [one] { $codes } is not known here. { $instead }
       *[other] { $codes } are not known here. { $instead }
    }
quoted = “{ $text }”
instead-default = The default is shown.
instead-all = All are shown.
instead-others = The others are shown.
allowed-base = the code of a currency, such as btc or eur
allowed-amount = a number above 0 with at most 15 digits
allowed-quote = direct or inverse
allowed-digits = usual or all
allowed-type = all, crypto, fiat or commodity
allowed-symbols = codes with commas between them, such as usd,eur
allowed-sort = popularity, name, code, type, unit, value, change-1h, change or change-7d
allowed-view = table or board
allowed-rotate = 0 or a number of seconds from 5 to 3600
allowed-code = the code of a currency, such as usd or eur
allowed-span = 1h, 24h, 7d or 30d
allowed-dir = asc or desc
allowed-lang = en, de, fr, es, ja or ar

## The converter: 250 EUR = 290.61 USD

everything = everything
no-amount = Not a number above 0. Write it as { $example }
read-as = Read as { $measure }
recent-currencies = Recent
popular-currencies = Popular
all-currencies = All

## Search, tabs and links above the table

type-all = All
type-crypto = Crypto
type-fiat = Fiat
type-commodity = Commodity
favourites = Favourites
of-the-link = Of the link
numbers = Numbers
# Above all numbers: $measure is such as 250 EUR.
prices-in = Prices in { $base }
measure-is = { $measure } is
measure-buys = What { $measure } buys
all-digits = All digits
usual-digits = Usual digits
nothing-of-type = The source has nothing of this type.
nothing-matches-here = Nothing matches “{ $search }” here.
show-everything = Show everything

## The table

column-code = Code
column-name = Name
column-type = Type
column-unit = Unit
column-value = Value
last-day = Last 24 hours
pin = Pin { $code }
now-first = { $code } is now among the first rows
unit-of-bitcoin = unit of bitcoin
constant = constant
constant-why = Constant: bitcoin and its own units are always worth the same in each other.
frozen = frozen
frozen-why = Frozen: this currency was replaced in 2018, and the sources go on with a fixed rate to the dollar.
highlights = Highlights

## Why there are no changes over 24 hours

no-changes-sample = There are no changes over 24 hours to tell: these are not live rates.
no-changes-old = There are no changes over 24 hours to tell: these rates are more than an hour old.
no-changes-cut-off = Changes in another base come once the server can be reached.
no-changes-no-history = Changes over 24 hours appear once there is a history to tell them from.
no-changes-short-history = Changes over 24 hours appear once the history is as long. It begins at { $time }
# Some changes are those of the source, none is missing.
changes-told-by-source = Changes over 24 hours are CoinGecko’s own where the history here is too short to tell them.

## One currency in detail

close = Close
# US Dollar per Bitcoin
pair = { $unit } per { $priced }
copy = Copy
copied = Copied { $number }
copy-refused = The browser does not let this page copy: { $number }
spans = Time
span-hour = 1 h
span-day = 24 h
span-week = 7 d
span-month = 30 d
high = High
low = Low
change-since = Change since
point-in-time = Point in time
compare-with = Compare with
nothing = nothing
same-as-table = The same as a table
points-time = Time
points-value = Value
history-on-its-way = The history is on its way, or can’t be read at the moment.
history-too-short = There is no history of this time yet. It grows with each refresh of the server.
history-unreadable = The server can’t read its history at the moment.

## A reader’s alerts: “Tell me when it reaches [80000 or 3%]”. The sentences are notifications, too.

alert-at = Tell me when it reaches
# An example of each kind: a value, and a change.
alert-example = 80000 or 3%
set-alert = Set alert
forget = Forget
alert-above = 1 { $base } above { $value } { $quote }.
alert-below = 1 { $base } below { $value } { $quote }.
alert-change = { $base } in { $quote } ±{ $value }% in 24 h.
# Before such sentences.
reached = Reached:
alert-page-only = This browser shows no notifications here: only the page will tell you

## What a screen reader is told after a search

nothing-matches = Nothing matches “{ $search }”
rates-found =
    { $n ->
        [one] { $n } rate
       *[other] { $n } rates
    }

## Buttons beside the title

theme = Theme: { $theme }
theme-system = system
theme-light = light
theme-dark = dark

## The wallboard

banner-none = NO RATES YET
banner-sample = SAMPLE, NOT LIVE RATES
banner-stale = STALE RATES
nothing-fits = Nothing here fits this address.
changes-over-day = Changes over 24 h
pause = Pause
go-on = Go on
# Behind the number of the page.
paused = paused

## The foot of the page

health = Health
