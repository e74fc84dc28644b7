#!/bin/sh
# with-pip-index.sh PYTHON COMMAND ...: run a command of uv against the package index that pip is set up for.
# uv does not read pip's settings; a setting of uv's own wins. The locks carry hashes, so any mirror will do.
set -eu
python=$1
shift
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    index=${PIP_INDEX_URL:-}
    for section in global install; do
        [ -n "$index" ] || index=$("$python" -m pip config get "$section.index-url" 2>/dev/null || true)
    done
    if [ -n "$index" ]; then
        UV_DEFAULT_INDEX=$index
        export UV_DEFAULT_INDEX
    fi
fi
exec "$@"
