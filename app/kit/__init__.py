"""The kit knows HTTP, SQL and HTML, and nothing about neighbours."""
