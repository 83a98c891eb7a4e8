"""Invented exports in the manner of a bank, WeChat Pay and Alipay: nobody's account, nobody's names."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl

from app.kit.tables import Trouble
from app.treasury.bank_files import BankReading, read_bank_file

TODAY = date(2026, 11, 20)

BANK = [
    ["枫林银行 对公账户交易明细"],
    ["账号：6200000000000000018", "", "查询起止日期：2026年10月01日-2026年10月31日"],
    [],
    ["交易日期", "摘要", "借方发生额", "贷方发生额", "账户余额", "对方户名", "交易流水号"],
    ["2026-10-05", "停车费", "", "5,000.00", "15,000.00", "枫树停车", "B0001"],
    ["2026-10-09", "礼品款", "1,200.00", "", "13,800.00", "白鹭百货", "B0002"],
    ["2026-10-31", "清运", "300.00", "", "13,500.00", "灰喜鹊保洁服务部", "B0003"],
    ["合计", "", "1,500.00", "5,000.00"],
]

WECHAT = [
    ["微信支付账单明细"],
    ["微信昵称：[枫树小区业委会]"],
    ["起始时间：[2026-10-01 00:00:00] 终止时间：[2026-10-31 23:59:59]"],
    ["导出类型：[全部]"],
    ["导出时间：[2026-11-02 09:12:44]"],
    ["----------------------微信支付账单明细列表--------------------"],
    ["交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "支付方式", "当前状态", "交易单号", "商户单号", "备注"],
    ["2026-10-20 08:01:02", "零钱提现", "枫林银行", "/", "/", "¥800.00", "枫林银行", "提现已到账", "W0003\t", "/", "服务费¥0.80"],
    ["2026-10-12 19:20:00", "扫二维码付款", "小店", "灯泡", "支出", "¥32.50", "零钱", "支付成功", "W0002\t", "M1\t", "/"],
    ["2026-10-02 10:00:00", "二维码收款", "某业主", "收款", "收入", "¥1,000.00", "/", "已收钱", "W0001\t", "/", "场地"],
]

ALIPAY = [
    ["支付宝交易明细"],
    ["起始时间：[2026-10-01 00:00:00]    终止时间：[2026-10-31 23:59:59]"],
    [
        "交易时间",
        "交易分类",
        "交易对方",
        "对方账号",
        "商品说明",
        "收/支",
        "金额",
        "收/付款方式",
        "交易状态",
        "交易订单号",
        "商家订单号",
        "备注",
    ],
    ["2026-10-21 12:00:00", "生活服务", "水电", "a***@b", "电费", "支出", "88.80", "余额", "交易成功", "A0003\t", "M3\t", ""],
    ["2026-10-20 12:00:00", "日用", "小店", "/", "拖把", "支出", "15.00", "余额", "交易关闭", "A0002\t", "M2\t", ""],
    ["2026-10-19 12:00:00", "退款", "小店", "/", "退款-扫把", "不计收支", "12.00", "余额", "退款成功", "A0001\t", "M1\t", ""],
]


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows).encode(encoding)


def as_xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book, file = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(file)
    return file.getvalue()


def read(data: bytes, filename: str = "对账单.csv") -> BankReading:
    found = read_bank_file(data, filename, TODAY)
    assert isinstance(found, BankReading), found
    return found


def trouble(data: bytes, filename: str = "对账单.csv") -> str:
    found = read_bank_file(data, filename, TODAY)
    assert isinstance(found, Trouble), found
    return found.message


def changed(rows: Sequence[Sequence[str]], line: int, column: int, cell: str) -> list[list[str]]:
    """The same with one cell rewritten; `line` from 1 as people count, `column` from 0."""
    copy = [[*row] for row in rows]
    copy[line - 1][column] = cell
    return copy
