"""Sources: folders, S3-compatible storage, WebDAV, and whatever others push; documents follow what is there."""
