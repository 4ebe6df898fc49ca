#!/usr/bin/env bash
# A dump of the running stack's database, in one file.
usage='usage: ops/backup.sh [--keep N] [FOLDER]
  FOLDER    where the file sentinel-TIME.dump is put (default: ops/backups)
  --keep N  delete the oldest files of that name there, so that N are left
Sensors and people go on meanwhile; the dump is the database of one moment.
It holds neither ops/.env nor ops/secrets nor ops/certs: keep those too, elsewhere.'
set -euo pipefail
umask 077

fail() { echo "backup: $*" >&2; exit 1; }

keep='' folder=''
while (($#)); do
  case $1 in
    -h | --help) echo "$usage"; exit 0 ;;
    --keep) keep=${2:-}; [[ $keep =~ ^[1-9][0-9]*$ ]] || fail '--keep wants a number from 1'; shift 2 ;;
    -*) echo "$usage" >&2; exit 64 ;;
    *) [[ -z $folder ]] || { echo "$usage" >&2; exit 64; }; folder=$1; shift ;;
  esac
done

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
if [[ -z $folder ]]; then
  folder=$root/ops/backups
  mkdir -p -- "$folder" && chmod 700 -- "$folder"
fi
mkdir -p -- "$folder"
folder=$(cd -- "$folder" && pwd)
cd -- "$root"
. ops/lib.sh

superuser=$(find_superuser) || fail 'the database does not answer: is the stack up?'
file=$folder/sentinel-$(date -u +%Y%m%dT%H%M%SZ).dump
[[ ! -e $file ]] || fail "$file exists"
part=$(mktemp -- "$folder/.sentinel-XXXXXXXX.part")
trap 'rm -f -- "$part"' EXIT

in_postgres pg_dump -U "$superuser" -d "$DATABASE" --format=custom \
  --lock-wait-timeout=60s </dev/null >"$part" || fail 'pg_dump failed: no file was made'
whole "$part" || fail 'what pg_dump gave cannot be read: no file was made'
sync -- "$part"
mv -n -- "$part" "$file"
sync -- "$folder"
echo "$file"
echo 'not in it, and needed with it: ops/.env, or ops/secrets (the master secret of all sensors)' >&2

if [[ -n $keep ]]; then
  # Names sort as times do.
  mapfile -t old < <(cd -- "$folder" && compgen -G 'sentinel-????????T??????Z.dump' | sort -r | tail -n "+$((keep + 1))")
  for one in "${old[@]}"; do
    rm -- "$folder/$one"
    echo "deleted $folder/$one" >&2
  done
fi
