/// The same few sentences in several languages and scripts: one, two, three and four bytes a character, from left to
/// right and from right to left.
enum Languages {
  static let arabic = """
    يأتي الماء قبل الضوء. يفتح الطحّان البوّابة بعرض كفّ ويصغي.
    وحين يبدأ الحجر بالهمهمة يمكن للحبوب أن تسقط.
    وفي المساء يوزن الدقيق وتُربط الأكياس وتقف العجلة ساكنة.
    """

  static let chinese = """
    水比光先到。磨坊主把闸门打开一掌宽，侧耳倾听。
    石磨开始嗡嗡作响时，麦粒就可以落下了。
    傍晚，称好面粉，扎紧口袋，水轮便静静地停住。
    """

  static let french = """
    L'eau arrive avant la lumière. Le meunier ouvre la vanne d'une largeur de main, et il écoute.
    Quand la meule se met à bourdonner, le grain peut tomber.
    Le soir, on pèse la farine, on noue les sacs, et la roue s'arrête. Là où ça gèle, on attend Noël.
    """

  static let german = """
    Das Wasser kommt vor dem Licht. Der Müller öffnet das Wehr eine Handbreit und horcht.
    Wenn der Stein zu summen beginnt, darf das Korn fallen.
    Am Abend wird das Mehl gewogen, die Säcke werden zugebunden, und das Rad steht still.
    Größe und Maß stehen an der Tür.
    """

  static let greek = """
    Το νερό έρχεται πριν από το φως. Ο μυλωνάς ανοίγει το φράγμα μια παλάμη και αφουγκράζεται.
    Όταν η πέτρα αρχίζει να βουίζει, το σιτάρι μπορεί να πέσει.
    Το βράδυ ζυγίζουν το αλεύρι, δένουν τα σακιά, και ο τροχός στέκει ακίνητος.
    """

  static let hebrew = """
    המים באים לפני האור. הטוחן פותח את הסכר כרוחב כף יד ומקשיב.
    כשהאבן מתחילה לזמזם, מותר לגרגרים ליפול.
    בערב שוקלים את הקמח, קושרים את השקים, והגלגל עומד דומם.
    """

  static let hindi = """
    पानी उजाले से पहले आता है। चक्कीवाला फाटक को हथेली भर खोलता है और सुनता है।
    जब पत्थर गुनगुनाने लगता है, तब दाना गिर सकता है।
    शाम को आटा तौला जाता है, बोरियाँ बाँधी जाती हैं, और पहिया थम जाता है।
    """

  static let japanese = """
    水は光より先に来る。粉屋は水門を手のひらの幅だけ開けて、耳を澄ます。
    石がうなり始めたら、麦を落としてよい。
    夕方には粉を量り、袋の口を結び、水車は静かに止まる。
    """

  static let korean = """
    물은 빛보다 먼저 온다. 방앗간 주인은 수문을 손바닥 너비만큼 열고 귀를 기울인다.
    돌이 웅웅거리기 시작하면 곡식을 떨어뜨려도 된다.
    저녁이면 가루를 달고 자루를 묶고, 물레방아는 가만히 멈춘다.
    """

  static let polish = """
    Woda przychodzi przed światłem. Młynarz otwiera zastawkę na szerokość dłoni i nasłuchuje.
    Gdy kamień zaczyna mruczeć, ziarno może spadać.
    Wieczorem waży się mąkę, wiąże worki, a koło stoi nieruchomo.
    """

  static let spanish = """
    El agua llega antes que la luz. El molinero abre la compuerta un palmo y escucha.
    Cuando la piedra empieza a zumbar, el grano puede caer.
    Al anochecer se pesa la harina, se atan los sacos y la rueda queda quieta. ¿Y mañana? Otra vez el agua.
    """

  static let ukrainian = """
    Вода приходить раніше за світло. Мельник відчиняє заставку на ширину долоні й прислухається.
    Коли камінь починає гудіти, зерно може падати.
    Увечері борошно зважують, мішки зав'язують, і колесо стоїть нерухомо.
    """

  static let symbols = """
    grain 🌾, water 💧, gears ⚙️, bread 🥖
    2 × ½ kg = 1 kg; 18 °C ± 2 K; 3 µm ≤ d ≤ 180 µm; η ≈ 0.72; Δh → 1.43 m
    “quotes”, ‘quotes’, „quotes“, «quotes», 「quotes」, an em dash — and an ellipsis…
    outside the basic plane: 𝄞 𝛑 𠮷 🚪
    """
}
