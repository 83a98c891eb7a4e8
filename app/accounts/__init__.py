"""Credentials and login sessions. An account is a telephone number with a password; it knows no compound and has no doors.

Used by `access`: a person of a compound may hang on an account.
"""
