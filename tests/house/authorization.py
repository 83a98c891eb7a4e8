"""The authorization table: for every route, who may come in. A route without a row fails the suite.

The names are the cast's (tests/cast.py): wang is a resident, zhang the treasurer, chen a supervisor, he the coordinator,
liu the director, huang the community officer. Nobody of the next compound comes in anywhere but where everybody does.
"""

ANYONE = "anyone"
RESIDENTS = "residents"
ALL = "all"

PUBLIC = frozenset({ANYONE})
HOME = frozenset({RESIDENTS})
OWN_GATE: frozenset[str] = frozenset({"own gate"})
"""Doors outside any compound, or with a key of their own (a contractor's link): tested in their own rooms."""


def only(*names: str) -> frozenset[str]:
    return frozenset(names)


PLANNERS = only("he", "liu")
CHECKERS = only("he", "liu")
HELPERS = only("chen", "he", "liu")
COMMITTEE = only("liu")

TABLE: dict[str, frozenset[str]] = {
    # signing in
    "GET /": OWN_GATE,
    "GET /healthz": OWN_GATE,
    "GET /sign-in": OWN_GATE,
    "POST /sign-in": OWN_GATE,
    "POST /sign-out": OWN_GATE,
    "GET /invite": OWN_GATE,
    "POST /invite": OWN_GATE,
    "POST /size": OWN_GATE,
    "POST /locale": OWN_GATE,
    "GET /c/{slug}/second-factor": HOME,
    "POST /c/{slug}/second-factor": HOME,
    "GET /c/{slug}/who-may": PUBLIC,
    # council
    "GET /c/{slug}/decisions": PUBLIC,
    "GET /c/{slug}/decisions/record": COMMITTEE,
    "POST /c/{slug}/decisions/record": COMMITTEE,
    "GET /c/{slug}/decisions/{id}": PUBLIC,
    "GET /api/v1/c/{slug}/decisions": PUBLIC,
    "GET /api/v1/c/{slug}/decisions/{id}": PUBLIC,
    "PUT /api/v1/c/{slug}/decisions/{id}": COMMITTEE,
    # notices
    "GET /c/{slug}/notices": PUBLIC,
    "GET /c/{slug}/notices/{notice_id}": PUBLIC,
    "GET /c/{slug}/notices/{notice_id}/sheet": PUBLIC,
    "POST /c/{slug}/notices/{notice_id}/objections": HOME,
    "POST /c/{slug}/notices/objections/{objection_id}/answer": only("liu", "zhang"),
    "GET /api/v1/c/{slug}/notices": PUBLIC,
    "GET /api/v1/c/{slug}/notices/{id}": PUBLIC,
    "GET /api/v1/c/{slug}/notices/{id}/frozen": PUBLIC,
    "PUT /api/v1/c/{slug}/notices/{notice_id}/objections/{id}": HOME,
    "POST /api/v1/c/{slug}/objections/{id}/answer": only("liu", "zhang"),
    # volunteering
    "GET /c/{slug}/volunteering": PUBLIC,
    "GET /c/{slug}/volunteering/plan": PLANNERS,
    "POST /c/{slug}/volunteering/plan": PLANNERS,
    "GET /c/{slug}/volunteering/shifts/{shift_id}": PUBLIC,
    "POST /c/{slug}/volunteering/shifts/{shift_id}/signups": HOME,
    "GET /c/{slug}/volunteering/shifts/{shift_id}/for-others": HELPERS,
    "POST /c/{slug}/volunteering/shifts/{shift_id}/cancel": PLANNERS,
    "GET /c/{slug}/volunteering/shifts/{shift_id}/attendance": CHECKERS,
    "GET /c/{slug}/volunteering/signups/{signup_id}": HOME,
    "POST /c/{slug}/volunteering/signups/{signup_id}/confirm": HOME,
    "POST /c/{slug}/volunteering/signups/{signup_id}/withdraw": HOME,
    "POST /c/{slug}/volunteering/signups/{signup_id}/check-in": CHECKERS,
    "POST /c/{slug}/volunteering/signups/{signup_id}/undo-check-in": CHECKERS,
    "POST /c/{slug}/volunteering/signups/{signup_id}/check-out": CHECKERS,
    "POST /c/{slug}/volunteering/signups/{signup_id}/hours": CHECKERS,
    "GET /api/v1/c/{slug}/shifts": PUBLIC,
    "GET /api/v1/c/{slug}/shifts/{shift_id}": PUBLIC,
    "PUT /api/v1/c/{slug}/shifts/{shift_id}/signups/{id}": HOME,
    "GET /api/v1/c/{slug}/signups/{id}": HOME,
    "POST /api/v1/c/{slug}/signups/{id}/confirm": HOME,
    "POST /api/v1/c/{slug}/signups/{id}/withdraw": HOME,
    "POST /api/v1/c/{slug}/signups/{id}/check-in": CHECKERS,
    "POST /api/v1/c/{slug}/signups/{id}/check-out": CHECKERS,
    "PUT /api/v1/c/{slug}/signups/{signup_id}/hours/{id}": CHECKERS,
    "PUT /api/v1/c/{slug}/activities/{id}": PLANNERS,
}
