"""Words for one thing: a question is put in those that a table uses, where it uses others.

A line is a group of words that stand for each other; those behind ``<`` stand for the words before it, not the other
way round. Written by hand from what annual reports, personnel and technical tables call their figures.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from generation.tables.reading.relation import Relation
from generation.tables.reading.words import plain, words_of
from wenyuan.text import is_cjk

_GROUPS: Final = """
earnings per share|earnings per ordinary share|net income per share|income per share < eps
property plant and equipment|property and equipment < pp&e|ppe|fixed assets
capital expenditures|capital spending|purchases of property < capex
research and development|research development|r&d
selling general and administrative|sg&a
depreciation and amortization|depreciation amortization|d&a
cost of sales|cost of revenue|cost of goods sold|cost of products sold < cogs
net sales|revenue|revenues|sales|turnover < sell|sold|sells|top line
employees|headcount|number of employees|staff|personnel|workforce < people|workers|work for|work in|persons
income before income taxes|income before taxes|profit before tax < pre-tax income|pretax income|pre-tax profit
operating income|operating profit|income from operations
net income|net earnings|net profit|profit for the year|profit < bottom line|earn|earned
shares purchased|shares repurchased|repurchases < buy back|bought back|shares bought|repurchase
operating expenses|expenses|expense|costs < spend|spent|spending
inventories|inventory < stock on hand
accounts receivable|trade receivables|receivables < owed by customers
accounts payable|trade payables|payables < owed to suppliers
sales and marketing|selling and marketing
share-based compensation|stock-based compensation|equity compensation
income tax expense|provision for income taxes|income taxes|tax expense
shareholders equity|stockholders equity|total equity < equity
cash and cash equivalents < cash on hand|cash position
long-term debt|borrowings|loans
interest expense|interest cost|finance costs
international|foreign|non-us < outside the us|outside the united states|overseas|abroad
united states|us|u.s.|domestic
proceeds < receive|received|receive from|received from
dividends paid|dividends|cash dividends < payout
salary|compensation|wage|remuneration
annual leave|vacation|paid leave < holidays|time off
fee|charge|price|rate
term|duration|period|validity
weight|mass
power|wattage
营业收入|主营业务收入|营业总收入|销售收入|销售额 < 收入|营收|营业额
净利润 < 净利|盈利|利润
实际收益|投资收益|收益 < 实际赚|赚
员工|职工|人员|人数
工资|薪酬|报酬|薪资|月薪 < 薪水|待遇
现金分红|股利|派息 < 分红|红利|派现
利息支出|利息费用|偿付利息|利息 < 付息
解除限售|解锁 < 解禁
同行业|可比公司 < 同行
期末|年末 < 年底|月底|还剩|剩余|结余
期初|年初|上年年末
本期|本年|本年度|当期 < 今年
上期|上年|上年度|上年同期 < 去年
销售量|销量
单价|价格|售价
产量|生产量
库存|存货
固定资产|设备
使用寿命|使用年限|折旧年限|摊销年限|年限
持股比例|股权比例 < 股比|持股
注册资本|注册资金
法定代表人 < 法人代表|法人
董事会秘书 < 董秘
借款|贷款
资产总计|资产总额|总资产|资产合计
负债合计|负债总额|总负债|负债总计
所有者权益|股东权益|净资产
经营活动产生的现金流量净额 < 经营现金流净额|经营性现金流净额|经营现金流
投资活动产生的现金流量净额 < 投资现金流净额|投资现金流
筹资活动产生的现金流量净额 < 筹资现金流净额|融资现金流净额|筹资现金流
研发投入|研发费用|研发支出
负责人|责任人|主管|联系人
电话|联系方式|手机
补贴|津贴|补助
职务|职位|岗位
假期|休假|年假
有效期|期限|保质期
研发阶段|所处阶段|阶段|进展|进度 < 研究到哪一步|研发到哪一步|到哪一步|进行到哪
转入 < 转成|转为
"""


@dataclass(frozen=True, slots=True)
class _Group:
    own: tuple[str, ...]
    others: tuple[str, ...]


def in_words_of(relation: Relation, question: str) -> str:
    """Return the question with words that the table does not use replaced by those that it uses for the same."""
    folded = plain(question)
    if len(folded) != len(question):
        return question
    pieces, at = [], 0
    for start, end, group in _found(folded):
        said = folded[start:end]
        if start < at or _uses(relation, said):
            continue
        others = [one for one in group.own if one != said]
        other = next((one for one in others if _uses(relation, one)), None)
        other = other or next((one for one in others if _uses(relation, one, relation.titles)), None)
        if other is not None:
            pieces += [question[at:start], other]
            at = end
    return "".join((*pieces, question[at:]))


def _found(folded: str) -> Iterator[tuple[int, int, _Group]]:
    """Yield where words of the lexicon stand, the longest at each place."""
    pattern, groups = _lexicon()
    for match in pattern.finditer(folded):
        yield match.start(), match.end(), groups[match.group()]


def _uses(relation: Relation, said: str, titles: Iterable[str] = ()) -> bool:
    """Whether words stand in the labels of a table, or in titles: Chinese ones as they are, others by their stems."""
    if is_cjk(said[0]):
        return said in relation.said or any(said in plain(title) for title in titles)
    stems = {word.text for word in words_of(said) if word.weight}
    known = relation.stems.union(*(_stems(title) for title in titles))
    return bool(stems) and stems <= known


def _stems(text: str) -> set[str]:
    return {word.text for word in words_of(text)}


@cache
def _lexicon() -> tuple[re.Pattern[str], dict[str, _Group]]:
    groups: dict[str, _Group] = {}
    for line in _GROUPS.strip().splitlines():
        own, _, others = line.partition(" < ")
        group = _Group(tuple(own.split("|")), tuple(others.split("|")) if others else ())
        for said in (*group.own, *group.others):
            groups.setdefault(said, group)
    known = sorted(groups, key=len, reverse=True)
    parts = [re.escape(one) if is_cjk(one[0]) else rf"(?<![a-z]){re.escape(one)}(?![a-z])" for one in known]
    return re.compile("|".join(parts)), groups
