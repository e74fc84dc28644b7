"""SCIM in the shape of its protocol, and the directories that are read."""
