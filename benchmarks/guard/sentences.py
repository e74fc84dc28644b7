"""The sentences around personal data and around numbers that only look like it, Chinese and English, by seed."""

import random
import string

from benchmarks.guard.people import KINDS, Case, identity_18, mobile

_ZH = {
    "id_card": [
        "身份证号码为{x}，请核对。",
        "客户{n}（{x}）已完成实名认证",
        "证件号{x}与系统登记不一致",
        "{n}{x}办理入职",
        "请将{x}录入人事系统。",
    ],
    "mobile": [
        "请致电{x}联系{n}。",
        "{n}的手机{x}已停机",
        "短信发送至{x}，请查收",
        "联系人{n}{x}负责对接",
        "如有疑问拨打{x}咨询。",
    ],
    "landline": ["办公电话{x}，周一至周五接听", "请拨打{x}转人事部。", "传真：{x}", "前台座机{x}无人接听"],
    "bank_card": ["工资卡{x}开户行为城南支行", "请打款至{x}，户名{n}", "卡号{x}已挂失。", "{n}名下账户{x}余额不足"],
    "credit_code": [
        "统一社会信用代码{x}",
        "供应商（{x}）已通过资质审核",
        "开票税号{x}，地址见附件。",
        "企业{x}被列入名录",
    ],
    "passport": ["护照号{x}有效期至明年", "{n}持{x}出境。", "请核对护照{x}与机票姓名", "出差人员证件{x}已备案"],
    "plate": ["车牌{x}停放在地下二层", "访客车辆{x}已登记。", "{x}的车主请移车", "货车{x}于今晨到厂"],
    "email": ["请发邮件至{x}确认", "{n}的邮箱是{x}，请抄送。", "简历投递{x}", "抄送{x}和财务部"],
    "ip": ["服务器地址{x}无法连接", "请将{x}加入白名单。", "日志显示来自{x}的异常登录", "内网{x}已下线"],
    "secret": ["接口令牌 {x} 已泄露，请更换。", "配置文件里写着{x}", "调用时带上 {x} 即可", "密钥：{x}"],
    "ssn": ["该员工的社保号 {x} 已登记", "美国员工 SSN {x}"],
    "phone": ["海外办事处电话 {x}", "请联系美国客户 {x} 确认", "境外热线：{x}"],
    "iban": ["境外汇款账号 {x}，请核对。", "收款人 IBAN：{x}"],
}
_EN = {
    "id_card": ["The Chinese ID number {x} is on file.", "Holder {x} signed the form.", "ID card: {x}"],
    "mobile": ["Call {x} for details.", "Her mobile number is {x}.", "Text {x} before noon."],
    "landline": ["The Beijing office answers at {x}.", "Fax {x} is out of order."],
    "bank_card": ["Charge card {x} for the trip.", "The account {x} was closed.", "Payment with {x} failed."],
    "credit_code": ["The supplier {x} is registered.", "Company code {x}, see annex."],
    "passport": ["Passport {x} expires in May.", "Her passport number is {x}.", "The visa sits in passport no. {x}"],
    "plate": ["The van {x} left the yard.", "Vehicle {x} is parked at gate 3."],
    "email": ["Write to {x} for access.", "Contact: {x}, or ask the desk.", "{x} sent the contract."],
    "ip": ["The host {x} is down.", "Allow traffic from {x} only.", "Login from {x} was refused."],
    "secret": ["Somebody committed {x} to the repository.", "Use {x} as the bearer.", 'api_key = "{x}"'],
    "ssn": ["His SSN is {x}.", "Social security number {x} was entered twice.", "Employee {x} has left."],
    "phone": ["Call {x} and ask for {n}.", "Our London desk: {x}.", "Phone {x}, extension as listed."],
    "iban": ["Transfer to {x} by Friday.", "The IBAN {x} is wrong?", "Refund to account {x}."],
}
_PLAIN = [
    "会议定于下周一上午举行，请准时参加。",
    "本制度自发布之日起施行。",
    "差旅费按标准报销，超出部分自理。",
    "请各部门于月底前提交预算。",
    "The committee meets on the first Monday of each month.",
    "Staff may carry over five days of leave.",
    "See the annex for details.",
    "All invoices are paid within thirty days of receipt.",
]
_PEOPLE = ["张伟", "李娜", "王芳", "陈杰", "刘洋", "赵敏", "黄磊", "周婷"]


def _digits(r: random.Random, size: int) -> str:
    return r.choice("123456789") + "".join(r.choices(string.digits, k=size - 1))


def _wrong_identity(r: random.Random) -> str:
    code = identity_18(r)
    return code[:17] + r.choice([digit for digit in string.digits if digit != code[17]])


def near_miss(r: random.Random) -> str:
    """Return a sentence with a number that is nobody's: orders, parts, standards, amounts, days, versions."""
    day = f"20{r.randrange(10, 30)}{r.randrange(1, 13):02d}{r.randrange(1, 29):02d}"
    made = [
        lambda: f"订单号{day}{_digits(r, 10)}已发货",
        lambda: f"订单编号：{mobile(r)}，请核对物流",
        lambda: f"快递单号 {_digits(r, 13)} 显示签收",
        lambda: f"序列号SN{_digits(r, 12)}的设备需返修",
        lambda: f"流水号{_digits(r, 16)}，金额{r.randrange(10**6):,}.00元",
        lambda: (
            f"执行标准GB/T {r.randrange(1000, 50000)}-20{r.randrange(10, 25)}"
            f"与GB {r.randrange(1000, 9999)}.{r.randrange(1, 9)}-2008"
        ),
        lambda: f"合同金额人民币{r.randrange(10**7, 10**10):,}元整",
        lambda: f"会议时间{day[:4]}-{day[4:6]}-{day[6:]} {r.randrange(8, 19)}:{r.randrange(60):02d}:00至次日",
        lambda: f"版本 {r.randrange(20)}.{r.randrange(20)}.{r.randrange(300)}.{r.randrange(200)} 已发布",
        lambda: f"详见第{r.randrange(1, 9)}.{r.randrange(1, 9)}.{r.randrange(1, 9)}.{r.randrange(1, 9)}条的规定",
        lambda: f"工号{_digits(r, 8)}的员工考勤异常",
        lambda: f"合同编号HT-{day}-{r.randrange(1000):03d}",
        lambda: f"统计值为{r.randrange(10**8, 10**12)}，同比增长{r.random() * 50:.2f}%",
        lambda: f"登记号{_wrong_identity(r)}校验失败",
        lambda: f"型号 E{_digits(r, 8)} 的阀门缺货",
        lambda: f"发票号码{_digits(r, 8)}，代码{_digits(r, 12)}",
        lambda: f"川A标段和京B2地块的面积为{r.randrange(10**5)}平方米",
        lambda: f"图片logo@{r.choice('23')}x.png已更新，安装 left-pad@{r.randrange(9)}.{r.randrange(9)}.0",
        lambda: (
            f"比例为1:{r.randrange(2, 999)}:{r.randrange(2, 99)}"
            f"，时刻 {r.randrange(24):02d}:{r.randrange(60):02d}:{r.randrange(60):02d}"
        ),
        lambda: f"设备MAC地址 {':'.join(f'{r.randrange(256):02X}' for _ in range(6))}",
        lambda: f"坐标 {r.random() * 90:.8f}, {r.random() * 180:.8f}",
        lambda: f"市值+{r.randrange(10**8, 10**10)}元，环比持平",
        lambda: f"Order no. {_digits(r, 12)} shipped on {day[:4]}/{day[4:6]}/{day[6:]}.",
        lambda: f"Invoice {_digits(r, 10)} totals ${r.randrange(10**7):,}.{r.randrange(100):02d}.",
        lambda: f"Serial number {_digits(r, 16)} is out of warranty.",
        lambda: (
            f"Part no. {r.randrange(100, 900)}-{r.randrange(10, 99)}-{r.randrange(1000, 9999)} replaces the old one."
        ),
        lambda: f"Version {r.randrange(20)}.{r.randrange(20)}.{r.randrange(300)}.{r.randrange(200)} fixes the fault.",
        lambda: (
            f"ISBN 978-{r.randrange(10)}-{r.randrange(100, 999)}"
            f"-{r.randrange(10000, 99999)}-{r.randrange(10)} is out of print."
        ),
        lambda: f"Tracking number {_digits(r, 15)} has no scans.",
        lambda: f"std::{r.choice(['face', 'bead', 'vector'])}::add() returned {_digits(r, 9)} rows",
        lambda: f"The build {r.randbytes(20).hex()} passed in {r.randrange(10**4)} ms.",
        lambda: f"Revenue rose from {r.randrange(10**8)} to {r.randrange(10**9)} between 2019-2023.",
        lambda: (
            f"Uuid {r.randbytes(4).hex()}-{r.randbytes(2).hex()}-{r.randbytes(2).hex()}"
            f"-{r.randbytes(2).hex()}-{r.randbytes(6).hex()}"
        ),
        lambda: f"Ask @team-{r.randrange(99)} or see page @{r.randrange(999)}.",
        lambda: f"Clone git@git.example.com:group/project-{r.randrange(99)}.git first.",
        lambda: f"Batch {_digits(r, 11)} passed inspection with {r.randrange(1000)} units.",
    ]
    return r.choice(made)()


def sentence(r: random.Random) -> Case:
    """Return one sentence: with a datum, with two, with what only looks like one, or plain."""
    style = r.random()
    if style < 0.35:
        return Case(near_miss(r), ())
    if style < 0.4:
        return Case(r.choice(_PLAIN), ())
    first = _with_datum(r)
    if style < 0.9:
        return first
    second, between = _with_datum(r), r.choice(["；", "。", " ", "\n"])
    offset = len(first.text) + len(between)
    moved = tuple((kind, start + offset, end + offset) for kind, start, end in second.data)
    return Case(first.text + between + second.text, first.data + moved)


def _with_datum(r: random.Random) -> Case:
    kind = r.choice(list(KINDS))
    frame = r.choice((_ZH if r.random() < 0.6 else _EN)[kind]).replace("{n}", r.choice(_PEOPLE))
    datum = KINDS[kind](r)
    at = frame.index("{x}")
    return Case(frame.replace("{x}", datum), ((kind, at, at + len(datum)),))
