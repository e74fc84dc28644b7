#!/bin/sh
# Prints a Python of a supported version (3.11 or 3.12, with venv) or explains what is missing.
set -eu
for candidate in ${PYTHON:-python3.11 python3.12 python3 python}; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    if "$path" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; then
        printf '%s\n' "$path"
        exit 0
    fi
done
cat >&2 <<'TEXT'
需要带 venv 模块的 Python 3.11 或 3.12，但 PATH 中没有找到。可用 PYTHON=/路径/python3.11 指定。
Python 3.11 or 3.12 with its venv module is needed and none was found on PATH. Name one with PYTHON=/path/to/python3.11
(on Debian and Ubuntu: apt-get install python3.11-venv).
TEXT
exit 1
