"""Names: of companies, their people and their numbers; none of them is meant to be anybody's."""

from __future__ import annotations

from random import Random

BRANDS = {
    "海岳": "haiyue", "恒拓": "hengtuo", "云栖": "yunqi", "鼎盛": "dingsheng", "瑞丰": "ruifeng", "楚天": "chutian",
    "秦岭": "qinling", "渤海": "bohai", "中原": "zhongyuan", "南粤": "nanyue", "科锐": "kerui", "蜀川": "shuchuan",
    "明达": "mingda", "永固": "yonggu", "天衡": "tianheng", "宏图": "hongtu", "博远": "boyuan", "正源": "zhengyuan",
    "利群": "liqun", "华铸": "huazhu", "金桥": "jinqiao", "安泰": "antai", "新锐": "xinrui", "启航": "qihang",
    "远景": "yuanjing", "同创": "tongchuan", "凯盛": "kaisheng", "世纪": "shiji", "嘉禾": "jiahe", "泰和": "taihe",
    "中联": "zhonglian", "东旭": "dongxu", "力诚": "licheng", "航远": "hangyuan", "恩泽": "enze", "佳源": "jiayuan",
    "盛世": "shengshi", "立信": "lixin", "晨光": "chenguang", "丰泽": "fengze", "智联": "zhilian", "信达": "xinda",
    "卓越": "zhuoyue", "康泰": "kangtai", "百川": "baichuan", "长青": "changqing", "蓝海": "lanhai", "众合": "zhonghe",
    "翔宇": "xiangyu", "德润": "derun", "诺亚": "nuoya", "兴业": "xingye", "通力": "tongli", "广源": "guangyuan",
}  # fmt: skip

# Industry: the words that stand in a company's name, the business line, and how many there are.
INDUSTRIES = {
    "机械制造": (["精密机械", "重工", "液压机械", "仪表", "自动化"], "工业", 14),
    "电子信息": (["电子科技", "光电科技", "半导体", "智能装备"], "工业", 11),
    "化工材料": (["新材料", "化工", "高分子材料"], "工业", 9),
    "汽车零部件": (["汽车零部件", "汽车电子", "车身系统"], "工业", 9),
    "医疗器械": (["医疗器械", "医疗科技"], "医疗", 7),
    "医用耗材": (["医用材料", "卫生用品"], "医疗", 5),
    "物流运输": (["供应链管理", "物流", "货运"], "物流", 7),
    "商贸流通": (["国际贸易", "商贸", "进出口"], "商贸", 9),
    "建筑建材": (["建材", "铝业", "管业", "门窗"], "工业", 8),
    "纺织服装": (["纺织", "服饰"], "商贸", 5),
    "食品加工": (["食品", "农产品"], "商贸", 5),
    "新能源": (["新能源", "储能科技", "光伏"], "工业", 6),
}

FAMILY = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
    "姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚莫孔向汤"
)
GIVEN = [
    "佩文", "建国", "丽华", "晓峰", "雨桐", "志远", "思源", "明轩", "静怡", "文杰",
    "海燕", "鸿飞", "雪莹", "俊豪", "若曦", "立新", "国平", "欣然", "宇航", "慧敏",
    "振华", "春梅", "嘉宁", "天佑", "婉婷", "永强", "少华", "玉兰", "子涵", "凯文",
]  # fmt: skip
ROADS = [
    "人民", "解放", "建设", "中山", "和平", "新华", "工业", "创业",
    "科技", "长江", "黄河", "迎宾", "滨江", "文化", "光明",
]  # fmt: skip

USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # GB 11714-1997
ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]


def credit_code(division: str, random: Random) -> str:
    """A unified social credit code with both of its check characters, of a company registered there."""
    body = "MA" + "".join(random.choice(USCC) for _ in range(6))
    total = sum(ORGANISATION.index(char) * weight for char, weight in zip(body, ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    code = f"91{division}{body}" + {10: "X", 11: "0"}.get(check, str(check))
    total = sum(USCC.index(char) * weight for char, weight in zip(code, USCC_WEIGHTS, strict=True))
    return code + USCC[(31 - total % 31) % 31]


def person(random: Random) -> str:
    return random.choice(FAMILY) + random.choice(GIVEN)


def mobile(random: Random) -> str:
    """Eleven digits in a block that no operator gives to people."""
    return f"1700000{random.randrange(10000):04d}"


def landline(area: str, random: Random) -> str:
    return f"{area}-{'8' if len(area) == 3 else ''}600{random.randrange(10000):04d}"
