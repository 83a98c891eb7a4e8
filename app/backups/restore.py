"""Verb: from the file back to an installation that is held against what was promised."""

import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import make_url

from app.backups.backup import DATABASE, sync_folder
from app.backups.engines import engine_of, looking_into, put_back, refuse_unless_empty
from app.backups.manifest import NAME, Manifest, differences, facts_of, needed_files, unsound
from app.backups.outcomes import Cannot, FoundWrong
from app.kit.migrations import FOLDER
from app.settings import Settings

PLACES = re.compile(rf"photos/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})|secret|{'|'.join(map(re.escape, DATABASE.values()))}|{NAME}")
"""The only names there are in a backup: a member with another one is not ours, whatever it points to."""

CHUNK = 1 << 20


def restore(settings: Settings, file: Path) -> Manifest:
    """Into an empty DATA_DIR (and, on PostgreSQL, an empty database). Everything is checked before it takes its place.

    Raises Cannot (not here), FoundWrong (not this file), OSError; DATA_DIR is then as it was.
    """
    url = make_url(settings.database)
    _refuse_unless_empty(settings.data_dir)
    refuse_unless_empty(url)
    with _workshop(settings.data_dir) as folder:
        manifest, photos = _unpack(file, folder)
        if manifest.engine != engine_of(url):
            raise Cannot(f"This is a backup from {manifest.engine}, and DATABASE_URL says {engine_of(url)}.")
        if not _known(manifest.facts.revision):
            raise Cannot(f"It was made by another version of this program (tables {manifest.facts.revision}); install that one.")
        database = folder / DATABASE[manifest.engine]
        if manifest.engine == "postgresql":
            put_back(url, database)
            _check(manifest, settings.database, photos)
            database.unlink()
        else:
            _check(manifest, f"sqlite:///{database}", photos)
        for name in ("photos", "secret"):
            if (folder / name).exists():
                (folder / name).rename(settings.data_dir / name)
        if database.exists():
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(database, str(url.database))
        sync_folder(settings.data_dir)
    return manifest


def _refuse_unless_empty(data_dir: Path) -> None:
    there = sorted(path.name for path in data_dir.iterdir() if path.suffix != ".part") if data_dir.exists() else []
    if there:
        raise Cannot(f"DATA_DIR={data_dir} is not empty (it holds {', '.join(there[:4])}); restore into an empty folder.")


@contextmanager
def _workshop(data_dir: Path) -> Iterator[Path]:
    """A folder inside DATA_DIR, on its disk; it goes in any case, and DATA_DIR too where it was not there before."""
    new = not data_dir.exists()
    folder = data_dir / "restoring.part"
    shutil.rmtree(folder, ignore_errors=True)  # of a restore that was killed
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        if new and not any(data_dir.iterdir()):
            data_dir.rmdir()


def _unpack(file: Path, folder: Path) -> tuple[Manifest, set[str]]:
    """Every member to its place, hashed on the way; the manifest, and the keys of the photos."""
    digests: dict[str, str] = {}
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                if not member.isreg() or not PLACES.fullmatch(member.name):
                    raise FoundWrong(f"{file} is no backup of this program: it holds {member.name!r}.")
                digests[member.name] = _write(tar, member, folder / member.name)
    except tarfile.TarError as error:
        raise FoundWrong(f"{file} is no backup, or a part of one: {error}.") from None
    if NAME not in digests:
        raise FoundWrong(f"{file} is cut off: it has no manifest.")
    try:
        manifest = Manifest.model_validate_json((folder / NAME).read_bytes())
    except ValidationError:
        raise FoundWrong(f"{file}: its manifest cannot be read by this version.") from None
    if digests.get(DATABASE[manifest.engine]) != manifest.database_sha256:
        raise FoundWrong(f"{file}: the database in it is not the one that was saved.")
    photos = {Path(name).name: digest for name, digest in digests.items() if name.startswith("photos/")}
    changed = sorted(key for key, digest in photos.items() if key != digest)
    if changed:
        raise FoundWrong(f"{file}: {len(changed)} of {len(photos)} photos are changed, the first is {changed[0]}.")
    if len(photos) != manifest.photos:
        raise FoundWrong(f"{file} holds {len(photos)} photos, not {manifest.photos}.")
    return manifest, set(photos)


def _known(revision: str | None) -> bool:
    """Whether this code has the step that made these tables."""
    from alembic.script import ScriptDirectory

    return revision in {step.revision for step in ScriptDirectory(str(FOLDER)).walk_revisions()}


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> str:
    """Returns the SHA-256 of what was written, in hex."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    source = tar.extractfile(member)
    assert source, "a regular file"
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _check(manifest: Manifest, url: str, photos: set[str]) -> None:
    """Raises FoundWrong with everything that is not as it was saved."""
    with looking_into(make_url(url)) as session:
        found = facts_of(session)
        wrong = differences(manifest.facts, found) or unsound(session, found)
        absent = needed_files(session) - photos - set(manifest.missing)
    if absent:
        wrong.append(f"{len(absent)} photos have no file")
    if wrong:
        raise FoundWrong(f"The backup is not what it says: {'; '.join(wrong)}.")
