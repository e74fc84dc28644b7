"""The only place that touches ONNX Runtime: one factory for every model of the product.

ONNX Runtime is imported on first use, so that importing this package costs nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from wenyuan.models.errors import ModelUnsupported

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Provider = Literal["cpu", "cuda"]
_PROVIDERS: dict[Provider, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_ERRORS_ONLY = 3


class Session(Protocol):
    """What runs a model, as rooms see it that do not know the runtime."""

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Any]) -> list[Any]:
        """Return the named outputs, arrays, for the named inputs."""
        ...


def best_provider() -> Provider:
    """Return ``cuda`` where the installed runtime has it, else ``cpu``; whether a GPU answers only a session shows."""
    import onnxruntime

    return "cuda" if _PROVIDERS["cuda"] in onnxruntime.get_available_providers() else "cpu"


def runs_on(session: "InferenceSession") -> Provider:
    """Return what a session was given: the runtime falls back to the processor where the GPU does not answer."""
    return "cuda" if _PROVIDERS["cuda"] in session.get_providers() else "cpu"


def create_session(
    path: Path, *, provider: Provider = "cpu", threads: int = 2, fused: bool = False
) -> "InferenceSession":
    """Load `path` for inference with `threads` threads per run.

    `fused` says that the graph already uses the runtime's fused operators, so only constant folding is left to
    do. Raises `ModelUnsupported` when the provider is not installed or the graph cannot be loaded.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    name = _PROVIDERS[provider]
    if name not in onnxruntime.get_available_providers():
        raise ModelUnsupported(model=path.parent.name, detail=f"{name} (onnxruntime-gpu)")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # Threads that spin while they wait halve the speed as soon as another process wants the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Texts differ in length: memory plans keyed by shape would pile up.
    options.enable_mem_pattern = False
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_BASIC if fused else levels.ORT_ENABLE_ALL
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=[name])
    except Exception as error:  # the runtime raises a dozen unrelated classes for a bad graph
        raise ModelUnsupported(model=path.parent.name, detail=f"{path.name}: {error}") from error
