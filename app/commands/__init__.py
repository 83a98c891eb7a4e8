"""命令: what stands behind the commands of `cli`. Whoever has the machine needs no permission, and is in the audit as such."""
