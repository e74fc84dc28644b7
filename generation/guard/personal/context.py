"""What the words before a number say it is, where the number alone could be several things."""

import re
from typing import Final

_BEFORE: Final = 22
_SERIAL: Final = re.compile(
    r"订单|單號|单号|编号|編號|序列|序號|序号|流水|工单|批号|批次|型号|型號|合同|发票|料号|货号|图号|标准|版本|固件|条款|章节|期号|代码段|条码|物料|资产|凭证"
    r"|\b(?:order|serial|s/?n|invoice|tracking|ticket|ref(?:erence)?|part|model|isbn|issn|batch|lot|sku|case|version|ver"
    r"|release|build|firmware|section|clause|figure|po|p/n|barcode|asset|voucher|revision|standard|drawing)\b",
    re.IGNORECASE,
)
_PERSONAL: Final = re.compile(
    r"身份证|证件|手机|电话|電話|联系|致电|拨打|热线|传真|座机|银行|卡号|账号|帐号|账户|护照|通行证|车牌|车辆|号牌|地址|社保"
    r"|\b(?:phone|mobile|cell|tel|telephone|call|fax|contact|whatsapp|dial|hotline|card|account|passport|plate|ip|address"
    r"|ssn|social security|host|server|gateway|dns|ping|login|id)\b",
    re.IGNORECASE,
)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def is_serial(text: str, start: int) -> bool:
    """Whether the words right before ``start`` name a number of a thing, and none of a person stands nearer."""
    near = text[max(0, start - _BEFORE) : start]
    return (serial := _last(_SERIAL, near)) >= 0 and serial > _last(_PERSONAL, near)


def is_personal(text: str, start: int) -> bool:
    """Whether the words right before ``start`` name something of a person, and none of a thing stands nearer."""
    near = text[max(0, start - _BEFORE) : start]
    return (personal := _last(_PERSONAL, near)) >= 0 and personal >= _last(_SERIAL, near)
