"""Tables of the kinds that offices keep and the public files lack, written as HTML: ranges, merged heads, subtotals."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Made:
    """A file with one table: title, the line above, head rows as HTML cells, and rows of texts."""

    title: str
    above: str
    head: str
    rows: tuple[Row, ...]
    language: str = "zh"

    def html(self) -> str:
        """Return the whole file."""
        body = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in self.rows)
        table = f"<table><thead>{self.head}</thead><tbody>{body}</tbody></table>"
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{self.title}</title></head>"
            f"<body><h1>{self.title}</h1><p>{self.above}</p>{table}</body></html>"
        )


def _head(*names: str) -> str:
    return "<tr>" + "".join(f"<th>{name}</th>" for name in names) + "</tr>"


_QUARTERS: Final = (
    '<tr><th rowspan="2">区域</th><th colspan="4">销售额</th><th rowspan="2">合计</th></tr>'
    "<tr><th>一季度</th><th>二季度</th><th>三季度</th><th>四季度</th></tr>"
)
_BUDGET: Final = (
    '<tr><th rowspan="2">Department</th><th colspan="2">Q1</th><th colspan="2">Q2</th></tr>'
    "<tr><th>Budget</th><th>Actual</th><th>Budget</th><th>Actual</th></tr>"
)
MADE: Final = {
    "busbars": Made(
        "低压柜体母线选型表",
        "各额定电流范围对应的母线规格",
        _head("额定电流（A）", "母线规格", "柜体宽度（mm）", "母线单价（元/米）"),
        (
            ("≤630", "TMY-40×4", "600", "138"),
            ("631～1000", "TMY-60×6", "800", "265"),
            ("1001～1600", "TMY-80×8", "800", "452"),
            ("1601～2500", "TMY-100×10", "1000", "705"),
        ),
    ),
    "sales_zh": Made(
        "2024年各大区销售情况",
        "单位：万元",
        _QUARTERS,
        (
            ("华东", "1,250", "1,310", "1,400", "1,480", "5,440"),
            ("华北", "980", "1,020", "1,100", "1,190", "4,290"),
            ("华南", "820", "860", "930", "1,005", "3,615"),
            ("西南", "600", "640", "660", "710", "2,610"),
            ("合计", "3,650", "3,830", "4,090", "4,385", "15,955"),
        ),
    ),
    "shipping_en": Made(
        "Parcel rates",
        "Rates in USD per parcel",
        _head("Weight (kg)", "Zone A", "Zone B", "Zone C"),
        (
            ("0-2", "6.50", "9.00", "13.00"),
            ("2-5", "10.00", "14.50", "19.00"),
            ("5-10", "15.00", "21.50", "28.00"),
            ("10-20", "21.00", "30.00", "39.50"),
            ("20-30", "29.00", "41.00", "55.00"),
        ),
        "en",
    ),
    "staff_zh": Made(
        "员工薪酬表",
        "2024年12月在册员工",
        _head("工号", "姓名", "部门", "岗位", "入职日期", "月薪（元）"),
        (
            ("E001", "张伟", "研发部", "工程师", "2021-03-15", "18,500"),
            ("E002", "李娜", "研发部", "架构师", "2018-07-01", "21,000"),
            ("E003", "王芳", "市场部", "经理", "2019-11-20", "15,200"),
            ("E004", "刘洋", "市场部", "专员", "2022-05-06", "14,300"),
            ("E005", "陈静", "研发部", "工程师", "2023-02-10", "16,800"),
            ("E006", "赵敏", "财务部", "会计", "2020-09-01", "13,600"),
        ),
    ),
    "bonus_zh": Made(
        "年度绩效奖金系数",
        "按年度绩效得分确定等级和奖金系数",
        _head("绩效得分", "绩效等级", "奖金系数"),
        (
            ("90～100分", "优秀", "1.5"),
            ("80～89分", "良好", "1.2"),
            ("70～79分", "称职", "1.0"),
            ("60～69分", "合格", "0.8"),
            ("60分以下", "不合格", "0"),
        ),
    ),
    "budget_en": Made(
        "Departmental budget 2024",
        "Amounts in thousands of USD",
        _BUDGET,
        (
            ("HR", "150", "142", "155", "149"),
            ("IT", "400", "388", "410", "415"),
            ("Sales", "600", "640", "620", "655"),
            ("Total", "1,150", "1,170", "1,185", "1,219"),
        ),
        "en",
    ),
    "stock_zh": Made(
        "仓库物料库存",
        "截至2024年6月30日",
        _head("物料名称", "库存数量（件）", "安全库存（件）", "单价（元）", "库存金额（万元）"),
        (
            ("断路器", "1,200", "800", "300", "36"),
            ("铜排", "320", "500", "390.63", "12.5"),
            ("绝缘子", "2,800", "3,000", "30", "8.4"),
            ("电流互感器", "515", "400", "400", "20.6"),
        ),
    ),
    "products_en": Made(
        "Vacuum cleaner range",
        "Models on sale in spring",
        _head("Model", "Price (USD)", "Weight (kg)", "Battery life (hours)", "Warranty (years)"),
        (
            ("XR-100", "199", "1.6", "8", "2"),
            ("XR-200", "349", "2.4", "10", "3"),
            ("XR-300", "279", "1.9", "9", "2"),
            ("XR-400", "499", "3.1", "14", "3"),
        ),
        "en",
    ),
    "capacity_zh": Made(
        "各类电源装机容量",
        "单位：万千瓦",
        _head("电源类型", "2021年", "2022年", "2023年"),
        (
            ("火电", "1,050", "1,130", "1,200"),
            ("水电", "310", "320", "330"),
            ("风电", "320", "420", "620"),
            ("总装机容量", "1,680", "1,870", "2,150"),
        ),
    ),
    "transformers_zh": Made(
        "配电变压器选型",
        "按负荷选择配电变压器",
        _head("负荷（kVA）", "型号", "空载损耗（W）", "短路阻抗（%）", "价格（万元）"),
        (
            ("≤315", "S13-315", "340", "4.0", "5.6"),
            ("316～630", "S13-630", "570", "4.0", "9.8"),
            ("631～1000", "S13-1000", "830", "4.5", "14.2"),
        ),
    ),
    "quarters_en": Made(
        "Segment revenue 2024",
        "In millions of euros",
        _head("Segment", "Q1", "Q2", "Q3", "Q4", "Total"),
        (
            ("Hardware", "120", "131", "128", "140", "519"),
            ("Software", "80", "84", "91", "97", "352"),
            ("Services", "51", "55", "58", "60", "224"),
            ("Total", "251", "270", "277", "297", "1,095"),
        ),
        "en",
    ),
    "leave_zh": Made(
        "年休假标准",
        "按累计工龄确定",
        _head("累计工龄（年）", "年假天数（天）", "病假天数上限（天）"),
        (
            ("1～9", "10", "90"),
            ("10～19", "10", "120"),
            ("20以上", "15", "180"),
        ),
    ),
    "fees_en": Made(
        "Arrangement fees",
        "Fees by the amount of the loan",
        _head("Loan amount (USD)", "Fee (%)", "Term"),
        (
            ("< 100,000", "2.0", "5 years"),
            ("100,000 - 500,000", "1.5", "10 years"),
            ("500,001 - 1,000,000", "1.25", "15 years"),
            ("> 1,000,000", "1.0", "20 years"),
        ),
        "en",
    ),
}


def write_all(folder: Path) -> dict[str, Path]:
    """Write every file; returns the path of each by its name."""
    paths = {name: folder / f"{name}.html" for name in MADE}
    for name, path in paths.items():
        path.write_text(MADE[name].html(), encoding="utf-8")
    return paths
