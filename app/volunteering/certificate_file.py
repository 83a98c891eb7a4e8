"""The certificate as a PDF file: what the printed page says, for whoever has to send it somewhere."""

from typing import Any

from fastapi import Response

from app.kit.clock import said_day, said_moment
from app.kit.i18n import _
from app.kit.qr import qr_path
from app.kit.typesetting import qr_drawing, set_in_type
from app.volunteering.certificate_queries import Sheet
from app.volunteering.hour_models import source_names
from app.volunteering.models import kind_names


def certificate_file(sheet: Sheet, font_dir: str) -> Response:
    """Raises NoChineseFont."""
    pdf = set_in_type("volunteering/certificate.typ", _facts(sheet), sheet.certificate.issued_at, font_dir)
    name = f'attachment; filename="certificate-{sheet.content.number}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": name})


def _facts(sheet: Sheet) -> dict[str, Any]:
    content, kinds, sources = sheet.content, kind_names(), source_names()
    span = _("%(a)s至%(b)s", a=said_day(content.from_on), b=said_day(content.to_on))
    return {
        "org": content.compound,
        "title": _("志愿服务证明"),
        "number": _("编号 %(number)s", number=content.number),
        "revoked": _("已撤销") if sheet.certificate.revoked_at else "",
        "qr": qr_drawing(qr_path(sheet.checked_at)),
        "qr_says": _("扫码核对"),
        "identity": [(_("姓名"), content.name), (_("服务时间"), span), (_("服务时长"), _hours(content.total))],
        "sources": _("，").join(f"{sources[source]} {_hours(minutes)}" for source, minutes in content.minutes.items()),
        "heads": [_("做什么"), _("哪一类"), _("次数"), _("时长")],
        "deeds": [(one.title, kinds[one.kind], _("%(n)s 次", n=one.times), _hours(one.minutes)) for one in content.deeds],
        "issuer": [
            (_("出具"), content.issuer),
            (_("经办"), content.handler),
            (_("电话"), content.contact),
            (_("日期"), said_day(content.issued_on)),
        ],
        "check": _("核对：扫码，或在下面的网址输入编号和姓名。"),
        "address": sheet.address,
        "seal": [
            f"{_('内容指纹')} {sheet.certificate.digest}",
            f"{_('公开日志第 %(n)s 条', n=sheet.log_index)} {said_moment(sheet.certificate.issued_at)}",
            f"{_('日志共 %(n)s 条', n=sheet.log_size)} {sheet.log_root}",
        ],
        "signs": [_("经办签字"), _("盖章")],
    }


def _hours(minutes: int) -> str:
    return _("%(n)s 小时", n=f"{minutes / 60:.1f}")
