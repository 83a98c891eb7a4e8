"""`python -m bench [MODULE …]`: run the measurements and print one table. Exit code 1 where one could not be made.

A bar that is missed is told and fails nothing: another machine, or a busy one, is not a fault of the program.
"""

import sys
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from bench import Line

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
ROW = "{:<64} {:>10}  {:<26} {}"


def measure(modules: list[str]) -> Iterator[Line | str]:
    """The lines of each module as they come; a module that breaks gives its name, and the others go on."""
    for name in modules:
        try:
            yield from import_module(f"bench.{name}").lines()
        except Exception:  # noqa: BLE001 whatever broke one measurement must not cost the others
            traceback.print_exc()
            yield name


def main() -> int:
    asked = sys.argv[1:] or MODULES
    if unknown := set(asked) - set(MODULES):
        print(f"no such measurement: {', '.join(sorted(unknown))}. There are: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    print(ROW.format("what", "measured", "bar", ""))
    broken = missed = 0
    for line in measure(asked):
        if isinstance(line, str):
            broken += 1
            print(ROW.format(line, "-", "-", "BROKEN"), flush=True)
        else:
            missed += not line.reached
            print(ROW.format(line.name, f"{line.measured:.3g}", line.bar, "ok" if line.reached else "MISSED"), flush=True)
    print(f"{missed} missed, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
