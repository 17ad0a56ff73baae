# نصوص الصفحة بالعربية. يبيّن locales/en/page.ftl موضع كل نص.

number-large = 12,345,678.9
number-small = 1,234

trust-none = لا أسعار
trust-sample = مثال
trust-stale = قديمة
trust-live = مباشرة
rates-of = أسعار { $time }
stale-origin = قديم: { $source }، { $time }
ago-now = الآن
ago-seconds = قبل { $n } ث
ago-minutes = قبل { $n } د
ago-hours = قبل { $n } س
ago-days =
    { $n ->
        [zero] قبل { $n } يوم
        [one] قبل يوم
        [two] قبل يومين
        [few] قبل { $n } أيام
        [many] قبل { $n } يومًا
       *[other] قبل { $n } يوم
    }

next-refresh-at = التحديث التالي { $time }
next-refresh-in = التحديث التالي بعد { $time }
next-try-in = المحاولة التالية بعد { $time }
refreshing = جارٍ التحديث…
refreshing-soon = تحديث قريبًا

alert-none-title = لا أسعار بعد.
alert-none = لم يُجب أي مصدر منذ بدء الخادم. ستمتلئ الصفحة تلقائيًا حالما يجيب أحدها.
alert-sample-title = بيانات للمثال وليست أسعارًا حقيقية.
alert-sample = لا تستخدم هذه الأرقام: لا يجيب أي مصدر، لذا فهذا مثال من { $time }
alert-stale-title = هذه الأسعار قديمة.
alert-stale = تبقى معروضة حتى تصل أسعار أحدث. لم يُجب { $source } منذ { $time }
alert-unchanged = يجيب { $source } لكن أسعاره لم تتغير منذ { $time }
some-older-title = بعض الأسعار أقدم.
some-older = لا يوفرها { $source } الآن، ويظهر مع كل منها وقته.
not-refreshed-title = تعذّر تحديث هذه الصفحة:
not-refreshed = { $why }. ستستمر المحاولة.
error-no-rates = لا أسعار لدى الخادم بعد
error-unreachable = يتعذّر الوصول إلى الخادم
error-failed = لم يفهم الخادم طلب الصفحة
error-other-build = لدى الخادم إصدار آخر

dismiss = إخفاء
warning-twice = يرد «{ $name }» مرتين في العنوان، وتُعتمد الأولى.
warning-not-utf8 = «{ $name }» ليس UTF-8 صالحًا، وقد تُجوهل.
warning-value = لا يمكن أن يكون «{ $name }» هو «{ $value }»، والمسموح: { $allowed }. تُعرض القيمة الافتراضية.
warning-unknown = لا يمكن أن يكون «{ $name }» هو «{ $code }» الآن: هذه العملة غير معروفة هنا. { $instead }
warning-codes =
    { $n ->
        [one] { $codes } غير معروف هنا. { $instead }
       *[other] { $codes } غير معروفة هنا. { $instead }
    }
quoted = «{ $text }»
instead-default = تُعرض القيمة الافتراضية.
instead-all = تُعرض كلها.
instead-others = تُعرض البقية.
allowed-base = رمز عملة مثل btc أو eur
allowed-amount = عدد أكبر من 0 لا يتجاوز 15 رقمًا
allowed-quote = direct أو inverse
allowed-digits = usual أو all
allowed-type = all أو crypto أو fiat أو commodity
allowed-symbols = رموز تفصل بينها فواصل مثل usd,eur
allowed-sort = popularity أو name أو code أو type أو unit أو value أو change-1h أو change أو change-7d
allowed-view = table أو board
allowed-rotate = 0 أو عدد من الثواني من 5 إلى 3600
allowed-code = رمز عملة مثل usd أو eur
allowed-span = 1h أو 24h أو 7d أو 30d
allowed-dir = asc أو desc
allowed-lang = en أو de أو fr أو es أو ja أو ar

everything = كل العملات
no-amount = ليس عددًا أكبر من 0. مثال: { $example }
read-as = قُرئ على أنه { $measure }
recent-currencies = الأخيرة
popular-currencies = الشائعة
all-currencies = الكل

type-all = الكل
type-crypto = مشفّرة
type-fiat = نقدية
type-commodity = معادن
favourites = المفضلة
of-the-link = من الرابط
numbers = الأرقام
prices-in = الأسعار بعملة { $base }
measure-is = قيمة { $measure }
measure-buys = ما يشتريه { $measure }
all-digits = كل الأرقام
usual-digits = الأرقام المعتادة
nothing-of-type = لا شيء من هذا النوع لدى المصدر.
nothing-matches-here = لا شيء هنا يطابق «{ $search }».
show-everything = عرض الكل

column-code = الرمز
column-name = الاسم
column-type = النوع
column-unit = العلامة
column-value = القيمة
last-day = آخر 24 ساعة
pin = تثبيت { $code }
now-first = أصبح { $code } بين الصفوف الأولى
unit-of-bitcoin = وحدة من البيتكوين
constant = ثابت
constant-why = ثابت: قيمة البيتكوين ووحداته بعضها إلى بعض لا تتغير.
frozen = مجمّد
frozen-why = مجمّد: استُبدلت هذه العملة عام 2018، وتستمر المصادر بسعر ثابت مقابل الدولار.
highlights = لمحة

no-changes-sample = لا تغيّرات خلال 24 ساعة: هذه ليست أسعارًا حقيقية.
no-changes-old = لا تغيّرات خلال 24 ساعة: مضى على هذه الأسعار أكثر من ساعة.
no-changes-cut-off = تظهر التغيّرات بأساس آخر حالما يمكن الوصول إلى الخادم.
no-changes-no-history = تظهر تغيّرات 24 ساعة حالما يتوفر سجل لها.
no-changes-short-history = تظهر تغيّرات 24 ساعة حالما يكفي طول السجل. يبدأ السجل في { $time }
changes-told-by-source = تغيّرات 24 ساعة هي تغيّرات CoinGecko نفسها حيث السجل هنا أقصر من أن تُحسب منه.

close = إغلاق
pair = { $unit } لكل { $priced }
copy = نسخ
copied = نُسخ { $number }
copy-refused = لا يسمح المتصفح لهذه الصفحة بالنسخ: { $number }
spans = المدة
span-hour = ساعة
span-day = 24 ساعة
span-week = 7 أيام
span-month = 30 يومًا
high = الأعلى
low = الأدنى
change-since = التغيّر منذ
point-in-time = اللحظة
compare-with = مقارنة مع
nothing = لا شيء
same-as-table = البيانات نفسها في جدول
points-time = الوقت
points-value = القيمة
history-on-its-way = السجل في الطريق، أو تتعذّر قراءته الآن.
history-too-short = لا سجل لهذه المدة بعد. يكبر مع كل تحديث للخادم.
history-unreadable = لا يستطيع الخادم قراءة سجله الآن.

alert-at = أعلمني عند بلوغ
alert-example = 80000 أو 3%
set-alert = ضبط التنبيه
forget = حذف
alert-above = 1 { $base } فوق { $value } { $quote }.
alert-below = 1 { $base } دون { $value } { $quote }.
alert-change = تغيّر { $base } بعملة { $quote } بمقدار ±{ $value }% خلال 24 ساعة.
reached = تحقّق:
alert-page-only = لا يعرض هذا المتصفح إشعارات هنا: ستُعلمك الصفحة وحدها

nothing-matches = لا شيء يطابق «{ $search }»
rates-found =
    { $n ->
        [zero] لا أسعار
        [one] سعر واحد
        [two] سعران
        [few] { $n } أسعار
        [many] { $n } سعرًا
       *[other] { $n } سعر
    }

theme = المظهر: { $theme }
theme-system = حسب النظام
theme-light = فاتح
theme-dark = داكن

banner-none = لا أسعار بعد
banner-sample = مثال، ليست أسعارًا حقيقية
banner-stale = أسعار قديمة
nothing-fits = لا شيء هنا يناسب هذا العنوان.
changes-over-day = التغيّرات خلال 24 ساعة
pause = إيقاف
go-on = استئناف
paused = متوقفة

health = الحالة
