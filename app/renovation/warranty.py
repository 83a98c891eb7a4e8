"""Until when a warranty lasts, in pure arithmetic.

Regulation on the Quality Management of Construction Projects (建设工程质量管理条例), art. 40: waterproofing 5 years, heating and
cooling two seasons, pipes, cables, equipment and fit-out 2 years, from the day of acceptance; everything else as agreed. How
long each is for a compound stands in its rules (`compounds.rules`).
"""

from datetime import date, timedelta

from app.notices.periods import last_of_month
from app.treasury.periods import later


def years_after(accepted_on: date, years: int) -> date:
    """The last day of so many years that begin with the day of acceptance."""
    return later(accepted_on, 12 * years) - timedelta(days=1)


def seasons_after(accepted_on: date, seasons: int, first_month: int, last_month: int) -> date:
    """The last day of the so-manieth whole heating season; one that runs at acceptance does not count.

    A season begins with `first_month` and ends with `last_month`, of the next year where that is the earlier month.
    """
    year = accepted_on.year if accepted_on <= date(accepted_on.year, first_month, 1) else accepted_on.year + 1
    ends_in = year + seasons - 1 + (last_month < first_month)
    return last_of_month(date(ends_in, last_month, 1))
