"""Invented people's names and telephone numbers, the same on every machine.

Names are thrown together from common surnames and common given names, so a namesake is possible and means nobody;
given names that make a well-known person with one of these surnames are left out. Numbers are 1990000xxxx:
no range is kept apart for fiction in China, so this one is chosen to look invented, and nothing in the demo dials or sends.
"""

from collections.abc import Iterator

from app.demo.dice import Dice


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾郝龚邵万钱严覃武戴莫孔向汤"
)
DOUBLE_SURNAMES = ("欧阳", "司马", "上官")
GIVEN_OF_ELDERS = _words(
    "桂英 秀兰 玉珍 淑芬 凤英 桂芳 玉兰 秀珍 菊香 春莲 满秀 金莲 腊梅 爱华 素云 建国 德胜 福生 志明 长根 仁和 松柏 "
    "永发 贵生 运来 树德 庆余 友谅 汉清 连喜 新民 宝山 济民"
)
GIVEN_OF_PARENTS = _words(
    "丽萍 志勇 小红 建军 海燕 立新 春华 卫东 艳红 雪梅 学文 红梅 晓玲 伟明 玉梅 少华 爱民 桂生 志刚 丽娟 冬梅 国平 跃进 "
    "秋菊 新华 利民 向阳 柏林 雨生 友良 翠云 正清 建辉 玲玲 永红 美云"
)
GIVEN_OF_YOUNGER = _words(
    "思远 雨欣 子涵 梦洁 佳怡 俊宇 婷婷 晓峰 梓轩 诗琪 志豪 雅琴 嘉豪 晨曦 文静 凯文 静怡 宇航 晓雯 博文 欣怡 佩珊 "
    "若兰 启明 安琪 可心 云舟 知夏 书航 念慈 景行 予安"
)
SINGLE_GIVEN = tuple("娟萍斌")

AGES = ("elder", "parent", "younger")


def names(seed: str, avoid: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Without end: (name, one of AGES), no name twice and none of `avoid`."""
    dice, taken = Dice(f"names {seed}"), set(avoid)
    pools = {"elder": GIVEN_OF_ELDERS, "parent": GIVEN_OF_PARENTS, "younger": GIVEN_OF_YOUNGER}
    n = 0
    while True:
        n += 1
        age = dice.one(f"age {n}", ("elder", "parent", "parent", "younger"))
        surname = dice.one(f"surname {n}", SURNAMES)
        if dice.percent(f"double {n}", 2):
            surname = dice.one(f"which double {n}", DOUBLE_SURNAMES)
        first = dice.one(f"given {n}", pools[age])
        if age != "elder" and len(surname) == 1 and dice.percent(f"single {n}", 12):
            first = dice.one(f"which single {n}", SINGLE_GIVEN)
        name = surname + first
        if name not in taken:
            taken.add(name)
            yield name, age


def phone(number: int) -> str:
    """The mobile number of the demo's `number`-th person. Raises ValueError outside 0–9999."""
    if not 0 <= number <= 9999:
        raise ValueError(number)
    return f"1990000{number:04}"
