"""Models on disk and in memory: the store, the ONNX sessions and the embedders."""
