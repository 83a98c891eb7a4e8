"""My service record as a file for a spreadsheet."""

from collections.abc import Iterator

from fastapi import Response
from sqlmodel import Session

from app.access.actors import Actor
from app.kit.clock import local
from app.kit.i18n import _
from app.kit.spreadsheets import Cell, Form, sheet
from app.volunteering.hour_models import source_names
from app.volunteering.hour_queries import MyHour, hours_of
from app.volunteering.models import kind_names


def my_hours_file(session: Session, actor: Actor, form: Form) -> Response:
    """Every line, by the day of the service: minutes stay numbers, and the sources stay apart."""
    hours = hours_of(session, actor.compound.id, actor.person_id)
    return sheet(form, _("服务时长"), _lines(hours), f"{actor.compound.slug}-hours")


def _lines(hours: list[MyHour]) -> Iterator[list[Cell]]:
    sources, kinds = source_names(), kind_names()
    yield [_("日期"), _("做什么"), _("哪一类"), _("分钟"), _("从哪里来"), _("记的人"), _("核准的人"), _("说明")]
    for hour in hours:
        who = [hour.recorded_by or "", hour.approved_by or "", hour.reason]
        yield [local(hour.starts_at).date(), hour.title, kinds[hour.kind], hour.minutes, sources[hour.source], *who]
