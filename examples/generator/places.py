"""Places: the cities that sample customers come from, with the codes that their numbers are built from."""

from __future__ import annotations

from typing import NamedTuple


class City(NamedTuple):
    """`code` is the division (GB/T 2260), `area` the telephone area code, `weight` how many customers sit there."""

    name: str
    pinyin: str
    province: str
    region: str
    code: str
    area: str
    weight: int


CITIES = [
    City("上海", "shanghai", "上海", "华东", "310000", "021", 8),
    City("南京", "nanjing", "江苏", "华东", "320100", "025", 4),
    City("无锡", "wuxi", "江苏", "华东", "320200", "0510", 4),
    City("苏州", "suzhou", "江苏", "华东", "320500", "0512", 7),
    City("常州", "changzhou", "江苏", "华东", "320400", "0519", 3),
    City("杭州", "hangzhou", "浙江", "华东", "330100", "0571", 6),
    City("宁波", "ningbo", "浙江", "华东", "330200", "0574", 6),
    City("温州", "wenzhou", "浙江", "华东", "330300", "0577", 3),
    City("合肥", "hefei", "安徽", "华东", "340100", "0551", 4),
    City("芜湖", "wuhu", "安徽", "华东", "340200", "0553", 2),
    City("济南", "jinan", "山东", "华东", "370100", "0531", 3),
    City("青岛", "qingdao", "山东", "华东", "370200", "0532", 5),
    City("烟台", "yantai", "山东", "华东", "370600", "0535", 2),
    City("南昌", "nanchang", "江西", "华东", "360100", "0791", 2),
    City("福州", "fuzhou", "福建", "华东", "350100", "0591", 2),
    City("厦门", "xiamen", "福建", "华东", "350200", "0592", 3),
    City("广州", "guangzhou", "广东", "华南", "440100", "020", 7),
    City("深圳", "shenzhen", "广东", "华南", "440300", "0755", 8),
    City("佛山", "foshan", "广东", "华南", "440600", "0757", 5),
    City("东莞", "dongguan", "广东", "华南", "441900", "0769", 5),
    City("南宁", "nanning", "广西", "华南", "450100", "0771", 2),
    City("海口", "haikou", "海南", "华南", "460100", "0898", 1),
    City("北京", "beijing", "北京", "华北", "110000", "010", 6),
    City("天津", "tianjin", "天津", "华北", "120000", "022", 5),
    City("石家庄", "shijiazhuang", "河北", "华北", "130100", "0311", 3),
    City("唐山", "tangshan", "河北", "华北", "130200", "0315", 2),
    City("太原", "taiyuan", "山西", "华北", "140100", "0351", 2),
    City("呼和浩特", "huhehaote", "内蒙古", "华北", "150100", "0471", 1),
    City("沈阳", "shenyang", "辽宁", "东北", "210100", "024", 3),
    City("大连", "dalian", "辽宁", "东北", "210200", "0411", 3),
    City("长春", "changchun", "吉林", "东北", "220100", "0431", 2),
    City("哈尔滨", "haerbin", "黑龙江", "东北", "230100", "0451", 2),
    City("郑州", "zhengzhou", "河南", "华中", "410100", "0371", 4),
    City("洛阳", "luoyang", "河南", "华中", "410300", "0379", 2),
    City("武汉", "wuhan", "湖北", "华中", "420100", "027", 5),
    City("宜昌", "yichang", "湖北", "华中", "420500", "0717", 2),
    City("长沙", "changsha", "湖南", "华中", "430100", "0731", 4),
    City("株洲", "zhuzhou", "湖南", "华中", "430200", "0731", 2),
    City("重庆", "chongqing", "重庆", "西部", "500000", "023", 4),
    City("成都", "chengdu", "四川", "西部", "510100", "028", 5),
    City("绵阳", "mianyang", "四川", "西部", "510700", "0816", 2),
    City("贵阳", "guiyang", "贵州", "西部", "520100", "0851", 1),
    City("昆明", "kunming", "云南", "西部", "530100", "0871", 2),
    City("西安", "xian", "陕西", "西部", "610100", "029", 4),
    City("兰州", "lanzhou", "甘肃", "西部", "620100", "0931", 1),
    City("西宁", "xining", "青海", "西部", "630100", "0971", 1),
    City("银川", "yinchuan", "宁夏", "西部", "640100", "0951", 1),
    City("乌鲁木齐", "wulumuqi", "新疆", "西部", "650100", "0991", 1),
]
