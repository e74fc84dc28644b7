"""The project's own lints: rules that ruff, mypy and import-linter cannot express.

Each module offers ``check(project) -> list[Finding]``; ``python -m scripts.lints`` runs them all.
"""
