"""Whether the audit log is complete when the server is killed, and whether tampering with it is found."""
