"""Every route, asked by every kind of caller for every kind of object."""
