"""Tables on bitmaps: ruling lines and recognised lines of text, with a structure model where both leave doubt.

Runs in the recognition child, which alone is given bitmaps.
"""
