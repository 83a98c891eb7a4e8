"""Whether a project's file is whole and holds what the public log does: `python3 FILE.zip`, without this program, its server or
any network.

It travels in the file as what Python runs there, beside the very lines that this program proves with (`publiclog.merkle`); so it
needs nothing but Python's own library, 3.9 or later.
"""

import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from zipfile import ZipFile

from app.publiclog.merkle import leaf_hash, verify_inclusion

MANIFEST, LOG = "manifest.json", "log.json"
RECORDS = ("visits/", "acceptances/")
"""Folders of what was hashed as a whole when it was submitted or signed: the log holds that hash."""


def problems(file: ZipFile) -> Iterator[str]:
    """What is not as it was handed out, a line each; nothing where all is well."""
    listed = {one["path"]: one["sha256"] for one in json.loads(file.read(MANIFEST))["files"]}
    inside = [name for name in file.namelist() if name != MANIFEST]
    for name in sorted({*listed, *inside}):
        if inside.count(name) != 1 or name not in listed:
            yield f"{name}: is not there once, as the list says 和清单对不上"
        elif sha256(file.read(name)).hexdigest() != listed[name]:
            yield f"{name}: was changed 被改过"
    log = json.loads(file.read(LOG))
    sealed = set()
    for entry in log["entries"]:
        text = entry["entry"].encode()
        path = [bytes.fromhex(one) for one in entry["path"]]
        if verify_inclusion(leaf_hash(text), entry["index"], log["size"], path, bytes.fromhex(log["root"])):
            sealed |= {one["sha256"] for one in json.loads(text).get("attachments", ())}
        else:
            yield f"entry {entry['index']}: is not in the log 不在公开日志里"
    for name in sorted(listed):
        if name.startswith(RECORDS) and listed[name] not in sealed:
            yield f"{name}: the log holds no such record 公开日志里没有这份记录"


def main() -> None:
    with ZipFile(sys.argv[1] if len(sys.argv) > 1 else sys.path[0]) as file:
        wrong = list(problems(file))
        log = json.loads(file.read(LOG))
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    if wrong:
        sys.exit(f"WRONG 有问题: {len(wrong)}")
    sys.stdout.write(f"OK 完好: {len(log['entries'])} entries 条, size 条数 {log['size']}, root 根 {log['root']}\n")


if __name__ == "__main__":
    main()
