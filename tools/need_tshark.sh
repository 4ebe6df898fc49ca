#!/usr/bin/env bash
# Install tshark, tcpdump and strace where that can be done; the tests that need them skip,
# visibly, where it cannot.
set -u
command -v tshark >/dev/null && command -v tcpdump >/dev/null &&
  command -v strace >/dev/null && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null && as_root=(sudo -n)
  [ ${#as_root[@]} -eq 0 ] && as_root=(false)
fi
export DEBIAN_FRONTEND=noninteractive
if command -v apt-get >/dev/null; then
  "${as_root[@]}" apt-get update -qq >/dev/null 2>&1
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq tshark tcpdump strace >/dev/null 2>&1
fi
if ! command -v tshark >/dev/null; then
  echo "note: tshark is not installed and could not be; tests that compare with it skip"
fi
exit 0
