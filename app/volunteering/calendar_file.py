"""A calendar file of one's shifts, as other programs read it (RFC 5545, with the properties of RFC 7986). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

EVERY = timedelta(hours=6)
"""How often a program should ask again (RFC 7986, 5.7)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One sign-up. `sequence` grows with every change, so that a program knows which copy is newer (RFC 5545, 3.8.7.4); what is
    over stays in the file for a while as CANCELLED, because a program that no longer finds it may keep the old one for ever.
    """

    id: UUID
    title: str
    place: str
    notes: str
    starts_at: datetime
    ends_at: datetime
    status: str
    """CONFIRMED, TENTATIVE or CANCELLED (3.8.1.11)."""
    sequence: int
    changed_at: datetime
    url: str


def calendar_file(name: str, entries: Iterable[Entry]) -> bytes:
    """Moments stand in UTC: right everywhere, and no table of time zones to carry (3.3.5, form 2)."""
    calendar = Calendar()
    for field, value in {"PRODID": "-//Gongzhi//Volunteering//ZH", "VERSION": "2.0", "X-WR-CALNAME": name, "NAME": name}.items():
        calendar.add(field, value)
    calendar.add("REFRESH-INTERVAL", EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", EVERY)
    for entry in entries:
        event = Event()
        event.add("UID", str(entry.id))
        event.add("DTSTAMP", entry.changed_at)
        event.add("DTSTART", entry.starts_at)
        event.add("DTEND", entry.ends_at)
        event.add("SUMMARY", entry.title)
        event.add("LOCATION", entry.place)
        event.add("DESCRIPTION", entry.notes)
        event.add("URL", entry.url)
        event.add("STATUS", entry.status)
        event.add("SEQUENCE", entry.sequence)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
