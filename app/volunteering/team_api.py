"""The programs' door to the figures of the team."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.access.actors import Resident
from app.kit.clock import today
from app.kit.requests import DbSession, OneTransaction
from app.volunteering.team_queries import statistics

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


class HoursOfKind(BaseModel):
    kind: str
    source: str
    minutes: int


class RequestsOfBuilding(BaseModel):
    """`building` is empty where help was wanted by somebody who lives elsewhere."""

    building: str
    asked: int
    fulfilled: int


class StatisticsRead(BaseModel):
    """`stars` is their sum; 0 below three ratings."""

    year: int
    team: int
    in_census: int
    served: int
    asked: int
    fulfilled: int
    ratings: int
    stars: int
    hours: list[HoursOfKind] = Field(max_length=1000)
    by_building: list[RequestsOfBuilding] = Field(max_length=10_000)


@router.get("/service-statistics", operation_id="get_service_statistics", summary="People, hours and requests of a year")
def get_statistics(
    session: DbSession,
    actor: Resident,
    year: Annotated[int | None, Query(ge=2000, le=2200, description="This year, where none is named.")] = None,
) -> StatisticsRead:
    """For coordinators and the street office."""
    figures = statistics(session, actor, year or today().year)
    return StatisticsRead(
        **{
            name: getattr(figures, name)
            for name in ("year", "team", "in_census", "served", "asked", "fulfilled", "ratings", "stars")
        },
        hours=[HoursOfKind(kind=kind, source=source, minutes=n) for (kind, source), n in figures.hours.items()],
        by_building=[
            RequestsOfBuilding(building=name, asked=asked, fulfilled=done) for name, (asked, done) in figures.by_building.items()
        ],
    )
