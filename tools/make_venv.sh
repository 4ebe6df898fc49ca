#!/usr/bin/env bash
# Make a virtual environment with a Python that is new enough, or say what is missing.
set -euo pipefail
venv=$1
[ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import pip' 2>/dev/null && exit 0

for python in python3 python3.14 python3.13 python3.12 python3.11; do
  command -v "$python" >/dev/null || continue
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python cannot make virtual environments; install it with:" >&2
    echo "    sudo apt-get install -y python${version}-venv" >&2
    exit 1
  fi
  rm -rf "$venv"
  exec "$python" -m venv "$venv"
done
echo "Python 3.11 or newer is needed, and there is none on the PATH." >&2
exit 1
