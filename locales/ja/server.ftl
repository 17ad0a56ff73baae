# サーバーだけが使うテキスト。どこに表示されるかは locales/en/server.ftl を参照。

description = 1 ビットコイン、1 ユーロ、金 1 オンス、そして約 76 種類の通貨の価値を 5 分ごとに更新。
not-refreshing = 更新停止中
not-found-title = 見つかりません
not-found = ここには何もありません
not-found-why = このアドレスのページは存在しません。
not-found-link = レートを見る

trust-past = 過去の値
alert-past-title = 現在のレートではありません。
alert-past = { $day }（UTC）の終わりまでの最後のレートです。{ $link } 記録時刻：{ $time }
alert-past-filled-in = { $day }（UTC）終了時点の最後のレートで、後から CoinGecko の履歴で補ったものです。当時の値がない通貨：{ $missing }。{ $link } 時刻：{ $time }
back-to-now = 現在に戻る
banner-past = 現在のレートではありません
history-past = グラフは現在のレートにのみあります。
no-changes-past = 変動は現在のレートにのみあります。

allowed-date = 日付（2026-10-31 など）
warning-date = 「{ $name }」を「{ $value }」にはできません：{ $why }。現在のレートを表示しています。
day-unknown = この日付は存在しません
day-not-begun = この日はまだ始まっていません
day-too-early = { $codes } の履歴は { $time } からです
day-no-history = { $codes } の履歴はまだありません
day-two-codes = { $one } と { $two }
day-unreadable = 現在、履歴を読み込めません
day-not-yet = アドレスで指定された日のレートはまだ表示できません。ページを再読み込みしてください。

tile-sample = サンプル（実際の値ではありません）
tile-day = 24 時間：{ $change }
tile-no-change = 不明
all-rates = すべてのレート
tile-wrong = アドレスが正しくありません
tile-takes-currency = 通貨を指定してください。例：{ $example }
tile-takes-no-date = 現在のレートを表示するもので、日付は指定できません。
tile-unknown-title = この通貨はありません
tile-unknown = 「{ $code }」は登録された通貨のコードではありません。
tile-none-title = まだレートがありません
tile-none = サーバーの起動後、どの提供元も応答していません。

worker-title = オフラインでは表示できません
worker-no-day = 過去の日のレートはオフラインでは表示できません
worker-now = 保存されている最後のレート
worker-again = 再試行

amount = 金額
base = 基準通貨
into = 換算先
swap = 入れ替え
show = 表示
rates-on = 日付を指定
go = 開く
search = 検索
types = 種類
refresh = 更新
view = 表示
wallboard = 大画面表示
help = キー操作とヘルプ
for-developers = 開発者向け
disclaimer = レートは参考情報であり、取引用ではありません。
languages = 言語

keys = キー操作
key-search = 検索
key-next-row = 次の行
key-row-before = 前の行
key-open = 行を開く
key-close = 閉じる、または検索を消す
key-pin = 行を固定、または解除
key-move-down = 固定した行を下へ
key-move-up = 上へ
key-base = 行を基準通貨にする
key-copy = 値をコピー
key-copy-all = 全桁をコピー
key-refresh = 今すぐ更新
key-theme = ライト、ダーク、システムに合わせる
key-wallboard = 大画面表示
key-turn = ページをめくる
key-pause = 一時停止、または再開
key-help = このヘルプ
single-letters = 1 文字キーで操作する
help-money = 金額はセントなどの最小単位まで、それで 4 桁に満たない場合は 5 桁で表示します。
help-digits = 提供元の丸めを超える桁や、有効数字 7 桁を超える桁は表示しません。
help-all-digits = 「全桁」はすべての桁をコピーします。

back-to-table = 表
back = 戻る
next = 次へ
full-screen = 全画面
change-theme = テーマ
