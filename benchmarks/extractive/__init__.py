"""Measures and fits the answerer that needs no model: what it quotes, when it refuses, on public question sets."""
