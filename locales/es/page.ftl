# Los textos de la página en español. locales/en/page.ftl dice dónde aparece cada uno.

number-large = 12.345.678,9
number-small = 1234

trust-none = Sin cotizaciones
trust-sample = Ejemplo
trust-stale = Antiguas
trust-live = En vivo
rates-of = Cotizaciones del { $time }
stale-origin = Antigua: { $source }, { $time }
ago-now = ahora mismo
ago-seconds = hace { $n } s
ago-minutes = hace { $n } min
ago-hours = hace { $n } h
ago-days =
    { $n ->
        [one] hace { $n } día
       *[other] hace { $n } días
    }

next-refresh-at = Próxima actualización { $time }
next-refresh-in = Actualización en { $time }
next-try-in = Próximo intento en { $time }
refreshing = Actualizando…
refreshing-soon = Actualización inminente

alert-none-title = Aún no hay cotizaciones.
alert-none = Ninguna fuente ha respondido desde que arrancó el servidor. La página se llenará sola en cuanto responda una.
alert-sample-title = Datos de ejemplo, no cotizaciones reales.
alert-sample = No use estos números: ninguna fuente responde, así que este es un ejemplo del { $time }
alert-stale-title = Estas cotizaciones son antiguas.
alert-stale = Se quedan aquí hasta que haya otras más recientes. { $source } no responde desde el { $time }
alert-unchanged = { $source } responde, pero sus cotizaciones no han cambiado desde el { $time }
some-older-title = Algunas cotizaciones son más antiguas.
some-older = { $source } no las tiene ahora; cada una indica su propia hora.
not-refreshed-title = Esta página no pudo actualizarse:
not-refreshed = { $why }. Sigue intentándolo.
error-no-rates = el servidor aún no tiene cotizaciones
error-unreachable = no se puede llegar al servidor
error-failed = el servidor no entendió la página
error-other-build = el servidor tiene otra versión

dismiss = Ocultar
warning-twice = «{ $name }» está dos veces en la dirección; vale la primera.
warning-not-utf8 = «{ $name }» no es UTF-8 válido y se ha omitido.
warning-value = «{ $name }» no puede ser «{ $value }»; se admite: { $allowed }. Se muestra el valor predeterminado.
warning-unknown = «{ $name }» no puede ser «{ $code }» ahora: aquí no se conoce esa moneda. { $instead }
warning-codes =
    { $n ->
        [one] { $codes } no se conoce aquí. { $instead }
       *[other] { $codes } no se conocen aquí. { $instead }
    }
quoted = «{ $text }»
instead-default = Se muestra el valor predeterminado.
instead-all = Se muestran todas.
instead-others = Se muestran las demás.
allowed-base = el código de una moneda, como btc o eur
allowed-amount = un número mayor que 0 de 15 cifras como máximo
allowed-quote = direct o inverse
allowed-digits = usual o all
allowed-type = all, crypto, fiat o commodity
allowed-symbols = códigos separados por comas, como usd,eur
allowed-sort = popularity, name, code, type, unit, value, change-1h, change o change-7d
allowed-view = table o board
allowed-rotate = 0 o un número de segundos de 5 a 3600
allowed-code = el código de una moneda, como usd o eur
allowed-span = 1h, 24h, 7d o 30d
allowed-dir = asc o desc
allowed-lang = en, de, fr, es, ja o ar

everything = todo
no-amount = No es un número mayor que 0. Por ejemplo: { $example }
read-as = Leído como { $measure }
recent-currencies = Recientes
popular-currencies = Populares
all-currencies = Todas

type-all = Todo
type-crypto = Cripto
type-fiat = Divisas
type-commodity = Metales
favourites = Favoritos
of-the-link = Del enlace
numbers = Números
prices-in = Precios en { $base }
measure-is = Valor de { $measure }
measure-buys = Qué se obtiene por { $measure }
all-digits = Todas las cifras
usual-digits = Cifras habituales
nothing-of-type = La fuente no tiene nada de este tipo.
nothing-matches-here = Aquí nada coincide con «{ $search }».
show-everything = Mostrar todo

column-code = Código
column-name = Nombre
column-type = Tipo
column-unit = Símbolo
column-value = Valor
last-day = Últimas 24 horas
pin = Fijar { $code }
now-first = { $code } está ahora en las primeras filas
unit-of-bitcoin = unidad de bitcoin
constant = constante
constant-why = Constante: el bitcoin y sus propias unidades valen siempre lo mismo entre sí.
frozen = congelada
frozen-why = Congelada: esta moneda se sustituyó en 2018, y las fuentes siguen con un cambio fijo frente al dólar.
highlights = De un vistazo

no-changes-sample = No hay variaciones de 24 horas: estas no son cotizaciones reales.
no-changes-old = No hay variaciones de 24 horas: estas cotizaciones tienen más de una hora.
no-changes-cut-off = Las variaciones en otra base llegarán cuando se pueda acceder al servidor.
no-changes-no-history = Las variaciones de 24 horas aparecerán cuando haya un historial.
no-changes-short-history = Las variaciones de 24 horas aparecerán cuando el historial sea lo bastante largo. Empieza el { $time }
changes-told-by-source = Las variaciones en 24 horas son las de CoinGecko donde el historial de aquí es demasiado corto.

close = Cerrar
pair = { $unit } por { $priced }
copy = Copiar
copied = Copiado { $number }
copy-refused = El navegador no deja copiar a esta página: { $number }
spans = Periodo
span-hour = 1 h
span-day = 24 h
span-week = 7 d
span-month = 30 d
high = Máximo
low = Mínimo
change-since = Variación desde
point-in-time = Momento
compare-with = Comparar con
nothing = nada
same-as-table = Lo mismo en una tabla
points-time = Hora
points-value = Valor
history-on-its-way = El historial está en camino, o no se puede leer en este momento.
history-too-short = Aún no hay historial de este periodo. Crece con cada actualización del servidor.
history-unreadable = El servidor no puede leer su historial en este momento.

alert-at = Avisarme cuando llegue a
alert-example = 80000 o 3%
set-alert = Crear alerta
forget = Eliminar
alert-above = 1 { $base } por encima de { $value } { $quote }.
alert-below = 1 { $base } por debajo de { $value } { $quote }.
alert-change = { $base } en { $quote }: ±{ $value } % en 24 h.
reached = Alcanzado:
alert-page-only = Este navegador no muestra notificaciones aquí: solo avisará la página

nothing-matches = Nada coincide con «{ $search }»
rates-found =
    { $n ->
        [one] { $n } cotización
       *[other] { $n } cotizaciones
    }

theme = Tema: { $theme }
theme-system = como el sistema
theme-light = claro
theme-dark = oscuro

banner-none = AÚN NO HAY COTIZACIONES
banner-sample = EJEMPLO, NO COTIZACIONES REALES
banner-stale = COTIZACIONES ANTIGUAS
nothing-fits = Nada de aquí corresponde a esta dirección.
changes-over-day = Variaciones en 24 h
pause = Pausa
go-on = Seguir
paused = en pausa

health = Estado
