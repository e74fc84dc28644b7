"""What somebody reads who takes the disk: stored text, backups, what erasure leaves."""
