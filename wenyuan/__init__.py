"""Kernel of Wenyuan: value types, access, ports, errors, settings, database, jobs, models."""

import os

__version__ = "0.1.0"

# Libraries of ours that would call home unless told otherwise, each by a variable it reads when it is loaded. Every
# process of the product imports this package first. ONNX Runtime 1.29 and later uploads from a native thread.
for _variable in ("DO_NOT_TRACK", "SCARF_NO_ANALYTICS", "HF_HUB_DISABLE_TELEMETRY", "ORT_DISABLE_TELEMETRY"):
    os.environ[_variable] = "1"
