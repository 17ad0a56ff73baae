# The texts that the server alone writes, in English. No page has to load them in the browser.
#
# As in page.ftl, no text has markup in it, and a time ($time) stands last in its line.

## The document

description = What one bitcoin, euro, ounce of gold or any of some 76 currencies is worth, refreshed every five minutes.
not-refreshing = Not refreshing
not-found-title = Not found
not-found = There is nothing here
not-found-why = The address leads nowhere.
not-found-link = See the rates

## The page of an earlier day, which no browser hydrates

trust-past = Not live
alert-past-title = Not live rates.
# $link is back-to-now.
alert-past = These are the last by the end of { $day } (UTC). { $link } Recorded at { $time }
alert-past-filled-in = These are the last by the end of { $day } (UTC), filled in later from CoinGecko’s history. Currencies without a value of then: { $missing }. { $link } As of { $time }
back-to-now = Back to now
banner-past = NOT LIVE RATES
history-past = There is a chart only of the rates of now.
no-changes-past = There are changes only of the rates of now.

## Why there is no such page. $why is one of the texts below it.

allowed-date = a day, such as 2026-10-31
warning-date = “{ $name }” can't be “{ $value }”: { $why }. The rates of now are shown.
day-unknown = there is no such day
day-not-begun = this day has not begun
# $codes is a code, or day-two-codes.
day-too-early = the history of { $codes } begins at { $time }
day-no-history = there is no history of { $codes } yet
day-two-codes = { $one } and { $two }
day-unreadable = the history can't be read at the moment
day-not-yet = The rates of the day in the address can't be shown yet. Reload the page to ask for them again.

## One rate in a frame of another page

tile-sample = Sample, not live
tile-day = 24 h: { $change }
tile-no-change = unknown
all-rates = All rates
tile-wrong = This address is wrong
tile-takes-currency = It takes a currency, as in { $example }.
tile-takes-no-date = It shows the rate of now: it takes no date.
tile-unknown-title = There is no such currency
tile-unknown = “{ $code }” is not the code of a currency known here.
tile-none-title = No rates yet
tile-none = No source has answered since the server started.

## What public/worker.js says without a network

worker-title = Not there without a network
worker-no-day = The rates of an earlier day are not there without a network
worker-now = The last rates of now that were kept
worker-again = Try again

## The page of now: what is in it from the first and stays, so that the browser leaves it as it is

amount = Amount
base = Base
# Before the currency that the amount is converted into.
into = In
swap = Swap
show = Show
# Before a date field, and the button behind it.
rates-on = Rates on
go = Go
search = Search
types = Type
refresh = Refresh
view = View
wallboard = Wallboard
help = Keys and help
for-developers = For developers
disclaimer = Rates are for information, not for trading.
# Before the names of all languages.
languages = Language

## The help

keys = Keys
key-search = search
key-next-row = next row
key-row-before = row before
key-open = open the row
key-close = close it, or empty the search
key-pin = pin the row, or unpin it
key-move-down = move a pinned row down
key-move-up = move it up
key-base = take the row as base
key-copy = copy its value
key-copy-all = copy all its digits
key-refresh = refresh now
key-theme = light, dark, or as the system is
key-wallboard = wallboard
key-turn = turn its pages
key-pause = pause them, or go on
key-help = this help
single-letters = Single letters do this
help-money = Money is written to its smallest unit, such as the cent, and with five digits where that would leave fewer than four.
help-digits = No number has more digits than the source’s rounding supports, or more than seven that count.
help-all-digits = “All digits” copies all there are.

## Buttons of the wallboard

back-to-table = Table
back = Back
next = Next
full-screen = Full screen
change-theme = Theme
