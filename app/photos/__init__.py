"""照片: a stored picture and what is known about when, where and by whom it was taken.

A photo belongs to no visit and no voucher: other rooms point to it, decide in their own `<noun>_for` who may see it, and
serve it through `serving.photo_response`. This room has no doors.

    before the transaction   intake.take_in(desk, blobs, received)     decoded, cleaned, files on the disk
                             intake.take_in_paper(…) where a PDF is welcome: its pages; intake.redact(…): a copy painted over
    inside it                service.keep(session, compound_id, photo_id, taken_in, capture), service.keep_redacted(…)
    what looks like it       likeness.remember(session, photo, taken_in): which earlier photos a new one is like
    reading                  queries.photos_of(…), serving.photo_response(photo, size, blobs)

The photo's id is made by the phone (API.md rule 5): the same id with the same bytes is one photo, however often it
arrives. Two identical photos under two ids are legal.
"""
