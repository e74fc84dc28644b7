"""Office files as pages: rendered once by LibreOffice, kept beside the original, and their blocks found on them."""
