# النصوص التي يحتاج إليها الخادم وحده، بالعربية. يبيّن locales/en/server.ftl موضع كل نص.

description = قيمة بيتكوين واحد أو يورو أو أونصة ذهب أو أي من نحو 76 عملة، تُحدَّث كل خمس دقائق.
not-refreshing = لا يوجد تحديث
not-found-title = غير موجود
not-found = لا شيء هنا
not-found-why = هذا العنوان لا يؤدي إلى أي صفحة.
not-found-link = عرض الأسعار

trust-past = غير مباشرة
alert-past-title = ليست أسعارًا حالية.
alert-past = هذه آخر الأسعار حتى نهاية يوم { $day } ‏(UTC). { $link } سُجّلت في { $time }
alert-past-filled-in = هذه آخر الأسعار حتى نهاية يوم { $day } ‏(UTC)، أُضيفت لاحقًا من سجل CoinGecko. عملات بلا قيمة لذلك الوقت: { $missing }. { $link } بتاريخ { $time }
back-to-now = العودة إلى الآن
banner-past = ليست أسعارًا حالية
history-past = لا يوجد رسم بياني إلا للأسعار الحالية.
no-changes-past = لا توجد تغيّرات إلا للأسعار الحالية.

allowed-date = يوم مثل 2026-10-31
warning-date = لا يمكن أن يكون «{ $name }» هو «{ $value }»: { $why }. تُعرض الأسعار الحالية.
day-unknown = لا يوجد يوم كهذا
day-not-begun = لم يبدأ هذا اليوم بعد
day-too-early = يبدأ سجل { $codes } في { $time }
day-no-history = لا سجل بعد للرمز { $codes }
day-two-codes = { $one } و{ $two }
day-unreadable = تتعذّر قراءة السجل الآن
day-not-yet = لا يمكن عرض أسعار اليوم المذكور في العنوان بعد. أعد تحميل الصفحة لطلبها مجددًا.

tile-sample = مثال، ليس مباشرًا
tile-day = 24 ساعة: { $change }
tile-no-change = غير معروف
all-rates = كل الأسعار
tile-wrong = هذا العنوان خاطئ
tile-takes-currency = تنقصه عملة، كما في { $example }.
tile-takes-no-date = يُعرض هنا السعر الحالي، ولا يمكن تحديد تاريخ.
tile-unknown-title = لا توجد عملة كهذه
tile-unknown = «{ $code }» ليس رمز عملة معروفة هنا.
tile-none-title = لا أسعار بعد
tile-none = لم يُجب أي مصدر منذ بدء الخادم.

worker-title = غير متاح دون اتصال
worker-no-day = أسعار الأيام السابقة غير متاحة دون اتصال
worker-now = آخر الأسعار المحفوظة
worker-again = إعادة المحاولة

amount = المبلغ
base = الأساس
into = إلى
swap = تبديل
show = عرض
rates-on = أسعار يوم
go = انتقال
search = بحث
types = النوع
refresh = تحديث
view = العرض
wallboard = لوحة الحائط
help = المفاتيح والمساعدة
for-developers = للمطورين
disclaimer = الأسعار للاطلاع وليست للتداول.
languages = اللغة

keys = المفاتيح
key-search = بحث
key-next-row = الصف التالي
key-row-before = الصف السابق
key-open = فتح الصف
key-close = إغلاقه، أو إفراغ البحث
key-pin = تثبيت الصف أو إلغاء تثبيته
key-move-down = إنزال صف مثبّت
key-move-up = رفعه
key-base = جعل الصف أساسًا
key-copy = نسخ قيمته
key-copy-all = نسخ كل أرقامه
key-refresh = تحديث الآن
key-theme = فاتح أو داكن أو حسب النظام
key-wallboard = لوحة الحائط
key-turn = تقليب صفحاتها
key-pause = إيقافها أو استئنافها
key-help = هذه المساعدة
single-letters = الأحرف المفردة تفعل ذلك
help-money = تُكتب المبالغ حتى أصغر وحدة لها كالسنت، وبخمسة أرقام حيث لا يبقى أربعة.
help-digits = لا يزيد أي عدد على ما يسمح به تقريب المصدر، ولا على سبعة أرقام معتبرة.
help-all-digits = «كل الأرقام» ينسخ كل ما يوجد منها.

back-to-table = الجدول
back = السابق
next = التالي
full-screen = ملء الشاشة
change-theme = المظهر
