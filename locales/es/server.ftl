# Los textos que solo necesita el servidor, en español. locales/en/server.ftl dice dónde aparece cada uno.

description = Cuánto vale un bitcoin, un euro, una onza de oro o cualquiera de unas 76 monedas, actualizado cada cinco minutos.
not-refreshing = Sin actualizar
not-found-title = No encontrada
not-found = Aquí no hay nada
not-found-why = La dirección no lleva a ninguna parte.
not-found-link = Ver las cotizaciones

trust-past = No actual
alert-past-title = No son cotizaciones actuales.
alert-past = Son las últimas hasta el final del { $day } (UTC). { $link } Registradas el { $time }
alert-past-filled-in = Son las últimas hasta el final del { $day } (UTC), completadas después con el historial de CoinGecko. Monedas sin valor de entonces: { $missing }. { $link } Valores del { $time }
back-to-now = Volver a ahora
banner-past = COTIZACIONES NO ACTUALES
history-past = Solo hay gráfico de las cotizaciones actuales.
no-changes-past = Solo hay variaciones de las cotizaciones actuales.

allowed-date = un día, como 2026-10-31
warning-date = «{ $name }» no puede ser «{ $value }»: { $why }. Se muestran las cotizaciones actuales.
day-unknown = ese día no existe
day-not-begun = ese día no ha empezado
day-too-early = el historial de { $codes } empieza el { $time }
day-no-history = aún no hay historial de { $codes }
day-two-codes = { $one } y { $two }
day-unreadable = el historial no se puede leer en este momento
day-not-yet = Las cotizaciones del día de la dirección aún no se pueden mostrar. Recargue la página para pedirlas de nuevo.

tile-sample = Ejemplo, no en vivo
tile-day = 24 h: { $change }
tile-no-change = desconocida
all-rates = Todas las cotizaciones
tile-wrong = Esta dirección es incorrecta
tile-takes-currency = Falta una moneda, como en { $example }.
tile-takes-no-date = Muestra la cotización actual: no admite fecha.
tile-unknown-title = Esa moneda no existe aquí
tile-unknown = «{ $code }» no es el código de una moneda conocida aquí.
tile-none-title = Aún no hay cotizaciones
tile-none = Ninguna fuente ha respondido desde que arrancó el servidor.

worker-title = No disponible sin red
worker-no-day = Las cotizaciones de un día anterior no están disponibles sin red
worker-now = Las últimas cotizaciones guardadas
worker-again = Reintentar

amount = Importe
base = Base
into = En
swap = Intercambiar
show = Mostrar
rates-on = Cotizaciones del
go = Ver
search = Buscar
types = Tipo
refresh = Actualizar
view = Vista
wallboard = Panel mural
help = Teclas y ayuda
for-developers = Para desarrolladores
disclaimer = Las cotizaciones son para información, no para operar.
languages = Idioma

keys = Teclas
key-search = buscar
key-next-row = fila siguiente
key-row-before = fila anterior
key-open = abrir la fila
key-close = cerrarla, o vaciar la búsqueda
key-pin = fijar la fila, o soltarla
key-move-down = bajar una fila fijada
key-move-up = subirla
key-base = tomar la fila como base
key-copy = copiar su valor
key-copy-all = copiar todas sus cifras
key-refresh = actualizar ahora
key-theme = claro, oscuro o como el sistema
key-wallboard = panel mural
key-turn = pasar sus páginas
key-pause = detenerlas, o seguir
key-help = esta ayuda
single-letters = Las letras sueltas hacen esto
help-money = El dinero se escribe hasta su unidad más pequeña, como el céntimo, y con cinco cifras si así quedaran menos de cuatro.
help-digits = Ningún número tiene más cifras de las que permite el redondeo de la fuente, ni más de siete que cuenten.
help-all-digits = «Todas las cifras» copia todas las que hay.

back-to-table = Tabla
back = Atrás
next = Siguiente
full-screen = Pantalla completa
change-theme = Tema
