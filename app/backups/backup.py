"""Verb: everything into one file."""

import hashlib
import io
import os
import re
import tarfile
import tempfile
from pathlib import Path

from sqlalchemy import make_url

from app.backups.engines import copied, engine_of, looking_into
from app.backups.manifest import NAME, Facts, Manifest, facts_of, needed_files
from app.backups.outcomes import Cannot, FoundWrong
from app.kit.clock import now
from app.settings import Settings

DATABASE = {"sqlite": "gongzhi.db", "postgresql": "gongzhi.dump"}
"""The database's file inside the backup."""


def back_up(settings: Settings, to: Path) -> Manifest:
    """Write the backup to `to`, which must not exist; nothing is there until all of it is there.

    The database first and the photos after it: a photo's file is older than its row, and files never change. A photo whose
    file is gone is named in the manifest and keeps nothing else from being saved.
    Raises Cannot, FoundWrong, OSError, sqlite3.Error.
    """
    url = make_url(settings.database)
    if to.exists():
        raise Cannot(f"{to} is there already; name another file.")
    with tempfile.TemporaryDirectory(prefix=f".{to.name}.", suffix=".part", dir=to.parent) as folder:
        database, part = Path(folder) / DATABASE[engine_of(url)], Path(folder) / "backup.tar"
        with looking_into(url) as session:
            before = facts_of(session)
        with copied(url, database) as session:
            facts, needed = facts_of(session), needed_files(session)
        refuse_lost(before, facts)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w") as tar:
                tar.add(database, database.name, filter=_nobodys)
                kept = _add_photos(tar, settings.data_dir / "photos")
                if (settings.data_dir / "secret").exists():
                    tar.add(settings.data_dir / "secret", "secret", filter=_nobodys)
                with database.open("rb") as file:
                    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                manifest = Manifest(
                    made_at=now(),
                    engine=engine_of(url),
                    database_sha256=sha256,
                    facts=facts,
                    photos=len(kept),
                    missing=sorted(needed - kept),
                )
                _add(tar, NAME, manifest.model_dump_json(indent=1).encode())
            out.flush()
            os.fsync(out.fileno())
        part.rename(to)
        sync_folder(to.parent)
    return manifest


def sync_folder(folder: Path) -> None:
    """A new name survives a power cut only when its folder is on the disk too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def refuse_lost(before: Facts, after: Facts) -> None:
    """What was there before the copy was begun is in it: logs only grow. Raises FoundWrong."""
    for id, compound in before.compounds.items():
        saved = after.compounds.get(id)
        if saved is None or saved.log_size < compound.log_size:
            raise FoundWrong(f"The copy lacks entries of the log of {compound.slug}; nothing was written.")


def _add_photos(tar: tarfile.TarFile, folder: Path) -> set[str]:
    """Every file that is what its name says; returns their keys."""
    kept = set()
    for file in sorted(folder.glob("??/*")):
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            continue  # an orphan that was swept meanwhile
        if re.fullmatch("[0-9a-f]{64}", file.name) and hashlib.sha256(content).hexdigest() == file.name:
            _add(tar, f"photos/{file.name[:2]}/{file.name}", content)
            kept.add(file.name)
    return kept


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(now().timestamp())
    tar.addfile(member, io.BytesIO(content))


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names of this machine's users."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
