"""公开日志: what has been published stays as it was published, and anyone can check it.

It proves that a published line was not changed or removed since; not that it is true, nor that nothing is missing from it.
Upper rooms call `service.publish` in the act's own transaction; `queries` gives proofs, `verifying` re-computes a whole log.
"""
