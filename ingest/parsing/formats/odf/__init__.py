"""OpenDocument: texts, sheets, presentations (ODF 1.3, ISO/IEC 26300)."""
