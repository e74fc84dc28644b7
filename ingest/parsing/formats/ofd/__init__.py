"""OFD, the Chinese format of fixed pages (GB/T 33190-2016): read by the layout analysis of PDF, drawn by Pillow."""
