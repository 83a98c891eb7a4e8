"""The roll that a desk without signal takes along: 5,000 homes with two things each, as the proxy compresses it."""

import gzip
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from app.benefits.distribution_queries import distribution_for
from app.benefits.handover_queries import roll_to_take
from app.benefits.schemas import OfflineRollRead
from app.kit.db import reading
from app.kit.migrations import upgrade
from app.main import open_database
from app.settings import Settings
from bench import Line
