"""Messages to a person: what waits for them, with a link to where it is done. Read state is theirs."""
