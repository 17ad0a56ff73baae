# ページの日本語テキスト。どこに表示されるかは locales/en/page.ftl を参照。

number-large = 12,345,678.9
number-small = 1,234

trust-none = レートなし
trust-sample = サンプル
trust-stale = 古いデータ
trust-live = ライブ
rates-of = レートの時刻：{ $time }
stale-origin = 古い値：{ $source }、{ $time }
ago-now = たった今
ago-seconds = { $n } 秒前
ago-minutes = { $n } 分前
ago-hours = { $n } 時間前
ago-days = { $n } 日前

next-refresh-at = 次の更新 { $time }
next-refresh-in = 次の更新まで { $time }
next-try-in = 次の試行まで { $time }
refreshing = 更新中…
refreshing-soon = まもなく更新

alert-none-title = まだレートがありません。
alert-none = サーバーの起動後、どの提供元も応答していません。応答があり次第、ページは自動で表示されます。
alert-sample-title = 実際のレートではなく、サンプルデータです。
alert-sample = この数値は使用しないでください。応答する提供元がないため、例を表示しています：{ $time }
alert-stale-title = これらのレートは古くなっています。
alert-stale = 新しいレートが届くまで表示します。{ $source } の最後の応答：{ $time }
alert-unchanged = { $source } は応答していますが、レートに変化がありません。最後の変化：{ $time }
some-older-title = 一部のレートは古い値です。
some-older = 現在 { $source } にはこれらの値がありません。それぞれに時刻を表示しています。
not-refreshed-title = このページを更新できませんでした：
not-refreshed = { $why }。再試行を続けます。
error-no-rates = サーバーにまだレートがありません
error-unreachable = サーバーに接続できません
error-failed = サーバーがページの要求を理解できませんでした
error-other-build = サーバーのバージョンが異なります

dismiss = 閉じる
warning-twice = アドレスに「{ $name }」が 2 回あります。最初のものを使います。
warning-not-utf8 = 「{ $name }」は正しい UTF-8 ではないため、無視しました。
warning-value = 「{ $name }」を「{ $value }」にはできません。指定できる値：{ $allowed }。既定値で表示しています。
warning-unknown = 現在「{ $name }」を「{ $code }」にはできません。この通貨は登録されていません。{ $instead }
warning-codes = { $codes } は登録されていません。{ $instead }
quoted = 「{ $text }」
instead-default = 既定値で表示しています。
instead-all = すべて表示しています。
instead-others = 残りを表示しています。
allowed-base = 通貨コード（btc、eur など）
allowed-amount = 0 より大きい 15 桁以内の数
allowed-quote = direct または inverse
allowed-digits = usual または all
allowed-type = all、crypto、fiat、commodity のいずれか
allowed-symbols = コンマ区切りのコード（usd,eur など）
allowed-sort = popularity、name、code、type、unit、value、change-1h、change、change-7d のいずれか
allowed-view = table または board
allowed-rotate = 0、または 5 から 3600 までの秒数
allowed-code = 通貨コード（usd、eur など）
allowed-span = 1h、24h、7d、30d のいずれか
allowed-dir = asc または desc
allowed-lang = en、de、fr、es、ja、ar のいずれか

everything = すべて
no-amount = 0 より大きい数ではありません。入力例：{ $example }
read-as = { $measure } と解釈しました
recent-currencies = 最近使った通貨
popular-currencies = よく使われる通貨
all-currencies = すべて

type-all = すべて
type-crypto = 暗号資産
type-fiat = 法定通貨
type-commodity = 貴金属
favourites = お気に入り
of-the-link = リンクの通貨
numbers = 数値
prices-in = { $base } 建て価格
measure-is = { $measure } の価値
measure-buys = { $measure } で買える量
all-digits = 全桁
usual-digits = 通常の桁数
nothing-of-type = この種類のレートは提供元にありません。
nothing-matches-here = 「{ $search }」に一致するものはありません。
show-everything = すべて表示

column-code = コード
column-name = 名称
column-type = 種類
column-unit = 記号
column-value = 値
last-day = 過去 24 時間
pin = { $code } を固定
now-first = { $code } を先頭に固定しました
unit-of-bitcoin = ビットコインの単位
constant = 一定
constant-why = 一定：ビットコインとその単位どうしの比率は常に同じです。
frozen = 固定値
frozen-why = 固定値：この通貨は 2018 年に廃止され、提供元は対ドルの固定レートを配信し続けています。
highlights = 主なレート

no-changes-sample = 実際のレートではないため、24 時間の変動は表示できません。
no-changes-old = レートが 1 時間以上前のものであるため、24 時間の変動は表示できません。
no-changes-cut-off = 別の基準通貨での変動は、サーバーに接続でき次第表示します。
no-changes-no-history = 24 時間の変動は、履歴ができ次第表示します。
no-changes-short-history = 24 時間の変動は、履歴が十分にたまり次第表示します。履歴の開始：{ $time }
changes-told-by-source = ここの履歴が足りないものについては、24 時間の変動に CoinGecko の値を使っています。

close = 閉じる
pair = { $priced }あたりの{ $unit }
copy = コピー
copied = { $number } をコピーしました
copy-refused = ブラウザーがこのページのコピーを許可していません：{ $number }
spans = 期間
span-hour = 1 時間
span-day = 24 時間
span-week = 7 日
span-month = 30 日
high = 高値
low = 安値
change-since = 変動（起点）
point-in-time = 時点
compare-with = 比較対象
nothing = なし
same-as-table = 表で見る
points-time = 時刻
points-value = 値
history-on-its-way = 履歴を取得中か、現在読み込めません。
history-too-short = この期間の履歴はまだありません。サーバーの更新ごとに増えていきます。
history-unreadable = サーバーは現在、履歴を読み込めません。

alert-at = 次の値で通知
alert-example = 80000 または 3%
set-alert = 通知を設定
forget = 削除
alert-above = 1 { $base } が { $value } { $quote } を上回る。
alert-below = 1 { $base } が { $value } { $quote } を下回る。
alert-change = { $base }（{ $quote } 建て）が 24 時間で ±{ $value }%。
reached = 到達：
alert-page-only = このブラウザーはここでは通知を表示できません。ページ上でのみお知らせします

nothing-matches = 「{ $search }」に一致するものはありません
rates-found = { $n } 件のレート

theme = テーマ：{ $theme }
theme-system = システムに合わせる
theme-light = ライト
theme-dark = ダーク

banner-none = まだレートがありません
banner-sample = サンプル：実際のレートではありません
banner-stale = 古いレート
nothing-fits = このアドレスに該当するものはありません。
changes-over-day = 24 時間の変動
pause = 一時停止
go-on = 再開
paused = 一時停止中

health = 稼働状況
