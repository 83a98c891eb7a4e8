"""What an API key may be for: `room:read` and `room:write`; the room is the first tag of its operations."""

READ_SCOPES = frozenset(
    {
        "roster:read",
        "volunteering:read",
        "renovation:read",
        "treasury:read",
        "notices:read",
        "benefits:read",
        "proofs:read",
        "council:read",
    }
)
RESIDENT_SCOPES = frozenset({"volunteering:write", "notices:write"})
SCOPES = READ_SCOPES | RESIDENT_SCOPES | {"renovation:write", "treasury:write", "benefits:write", "council:write"}
