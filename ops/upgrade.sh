#!/usr/bin/env bash
# From one version of the code to another without a gap.
usage='usage: ops/upgrade.sh
The version is the SENTINEL_VERSION of ops/.env: set it first, also for the way back.
  1. the jobs of that version run, `certificate` and `migration`, while the controllers
     go on; if one fails, nothing is replaced, and this script ends as it did
  2. as many controllers of that version are started beside the ones that run
  3. when they are ready, the others are told to end, one after another
  4. the rest follows by plain `up -d`, with as many controllers and workers as before
The controllers take twice their memory meanwhile.'
set -euo pipefail

case ${1:-} in
  '') ;;
  -h | --help) echo "$usage"; exit 0 ;;
  *) echo "$usage" >&2; exit 64 ;;
esac
(($# == 0)) || { echo "$usage" >&2; exit 64; }
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
. ops/lib.sh

say() { echo "upgrade: $*" >&2; }
wait_s=${SENTINEL_UPGRADE_WAIT_S:-300}

mapfile -t old < <(compose ps -q controller)
mapfile -t workers < <(compose ps -q worker)
if ((${#old[@]} == 0)); then
  say 'no controller runs: up -d is all that there is to do'
  exec docker compose -f ops/docker-compose.prod.yml up -d
fi

jobs=(certificate migration)
compose up -d "${jobs[@]}"
for job in "${jobs[@]}"; do
  status=$(docker wait "$(compose ps -aq "$job")")
  if ((status != 0)); then
    compose logs --no-log-prefix "$job" >&2
    say "$job ended with $status: nothing is replaced"
    exit "$status"
  fi
done

# With what they depend on, or Compose would take them for other ones and make them anew
# at the next `up`.
compose up -d --no-recreate --scale "controller=$((2 * ${#old[@]}))" controller
new=()
for one in $(compose ps -q controller); do
  [[ " ${old[*]} " == *" $one "* ]] || new+=("$one")
done

give_up() {
  say "$1 is not ready: the new controllers are taken away, the others go on"
  docker logs --tail 20 "$1" >&2
  docker rm -f "${new[@]}" >/dev/null
  exit 1
}

for one in "${new[@]}"; do
  ends=$((SECONDS + wait_s))
  until [[ $(docker inspect -f '{{.State.Health.Status}}' "$one") == healthy ]]; do
    ((SECONDS < ends)) || give_up "$one"
    sleep 1
  done
done

for one in "${old[@]}"; do
  docker stop "$one" >/dev/null
  docker rm "$one" >/dev/null
done
compose up -d --scale "controller=${#old[@]}" --scale "worker=$((${#workers[@]} > 0 ? ${#workers[@]} : 1))"
say 'done'
