"""PDFs as offices send them, written here object by object (ISO 32000-1 §7.5), with what must never leave them."""

from collections.abc import Sequence

A4 = (595, 842)
SECRET = b"13800000000 zhang secret"


def pdf(pages: int = 1, *, size: tuple[float, float] = A4, drawn: bytes = b"", busy: bool = False, locked: bool = False) -> bytes:
    """Each page has a bar at its top, as wide as its number is high, in red. `drawn`: page content of one's own instead.

    `busy`: with JavaScript at opening, an attachment, a link and a title. `locked`: asks for a password.
    """
    objects: list[bytes] = []

    def add(body: bytes) -> bytes:
        objects.append(body)
        return b"%d 0 R" % len(objects)

    catalog, tree = add(b""), add(b"")
    kids = []
    for number in range(1, pages + 1):
        bar = drawn or b"1 0 0 rg 0 %d %d 40 re f" % (int(size[1]) - 40, int(size[0]) * number // pages)
        content = add(b"<</Length %d>>stream\n%s\nendstream" % (len(bar), bar))
        link = add(b"<</Type/Annot/Subtype/Link/Rect[0 0 99 99]/A<</S/URI/URI(http://a.example/%s)>>>>" % SECRET)
        annots = b"/Annots[%s]" % link if busy else b""
        box = b"/MediaBox[0 0 %g %g]" % size
        kids.append(add(b"<</Type/Page/Parent %s%s/Contents %s%s>>" % (tree, box, content, annots)))
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(kids), pages)
    extra = b""
    if busy:
        script = add(b"<</S/JavaScript/JS(app.alert\\('%s'\\);this.getField\\('x'\\);)>>" % SECRET)
        file = add(b"<</Type/EmbeddedFile/Length %d>>stream\n%s\nendstream" % (len(SECRET), SECRET))
        spec = add(b"<</Type/Filespec/F(list.csv)/EF<</F %s>>>>" % file)
        extra = b"/OpenAction %s/Names<</EmbeddedFiles<</Names[(list.csv) %s]>>>>" % (script, spec)
    objects[0] = b"<</Type/Catalog/Pages %s%s>>" % (tree, extra)
    trailer = b"/Root %s/Info %s" % (catalog, add(b"<</Title(%s)>>" % SECRET))
    if locked:
        keys = b"/O<%s>/U<%s>" % (b"ab" * 32, b"cd" * 32)
        trailer += b"/Encrypt %s/ID[<00><00>]" % add(b"<</Filter/Standard/V 1/R 2/P -4%s>>" % keys)
    return assembled(objects, trailer)


def assembled(objects: Sequence[bytes], trailer: bytes) -> bytes:
    file, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return file + head + b"trailer<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, len(file))
