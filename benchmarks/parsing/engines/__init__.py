"""One engine over files, as a program: this parser, and others from an environment of their own."""
