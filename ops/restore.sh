#!/usr/bin/env bash
# A dump of ops/backup.sh into the stack's database; then the stack is started.
usage='usage: ops/restore.sh [--force] [--no-start] FILE
  --force     also when the database holds something: it is lost
  --no-start  leave controller and worker down afterwards; `up -d` starts them
The database stays as it is until all of FILE has been read and restored.
ops/.env (or ops/secrets) must be that of the stack that was dumped: with another
CONTROLLER_HMAC_SECRET no sensor is believed, and it is not in the dump.'
set -euo pipefail

fail() { echo "restore: $*" >&2; exit 1; }

force='' start=yes file=''
while (($#)); do
  case $1 in
    -h | --help) echo "$usage"; exit 0 ;;
    --force) force=yes; shift ;;
    --no-start) start=''; shift ;;
    -*) echo "$usage" >&2; exit 64 ;;
    *) [[ -z $file ]] || { echo "$usage" >&2; exit 64; }; file=$1; shift ;;
  esac
done
[[ -n $file ]] || { echo "$usage" >&2; exit 64; }
[[ -r $file ]] || fail "cannot read $file"
file=$(cd -- "$(dirname -- "$file")" && pwd)/$(basename -- "$file")
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
. ops/lib.sh
[[ -e ops/.env ]] || fail 'there is no ops/.env: put back that of the stack that was dumped'

new=${DATABASE}_restored old=${DATABASE}_replaced
sql() { in_postgres psql -XAtq -v ON_ERROR_STOP=1 -U "$superuser" -d "$1"; } # statements: stdin

# What only migrations write does not count.
tables_with_rows() {
  sql "$DATABASE" <<'SQL'
SELECT format('SELECT %L WHERE EXISTS (SELECT FROM %s)', oid::regclass, oid::regclass)
FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
  AND relnamespace <> 'information_schema'::regnamespace
  AND relnamespace::regnamespace::text NOT LIKE 'pg\_%'
  AND relname NOT IN ('alembic_version', 'schema_compat', 'audit_head')
ORDER BY 1 \gexec
SQL
}

compose up -d --wait postgres
superuser=$(find_superuser) || fail 'found no superuser of the database'
whole "$file" || fail "$file is no whole dump: nothing was changed"
compose run --rm --no-deps -T roles </dev/null

found=$(tables_with_rows)
if [[ -n $found && -z $force ]]; then
  fail "the database holds rows in $(paste -sd ' ' <<<"$found"): nothing was changed; --force replaces it"
fi

# By itself `up -d` would start one of each.
scale=()
for service in controller worker; do
  running=$(compose ps -q "$service" | wc -l)
  if ((running > 1)); then scale+=(--scale "$service=$running"); fi
done

# The roles' job gave it to the role of MIGRATION_DATABASE_URL.
owner=$(sql template1 <<<"SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '$DATABASE'")
sql template1 <<SQL
SET client_min_messages = warning;
DROP DATABASE IF EXISTS $new;
DROP DATABASE IF EXISTS $old;
CREATE DATABASE $new OWNER "$owner" TEMPLATE template0;
SQL
trap 'sql template1 <<<"DROP DATABASE IF EXISTS $new" || true' EXIT
in_postgres pg_restore -U "$superuser" -d "$new" --single-transaction --exit-on-error \
  --no-owner --role="$owner" --no-privileges <"$file" ||
  fail 'the dump could not be restored: the database is as it was'
sql "$new" <<<ANALYZE

compose stop controller worker
# Those who are connected to it (an administrator, a migration) lose it.
sql template1 <<SQL
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$DATABASE' \g /dev/null
BEGIN;
ALTER DATABASE $DATABASE RENAME TO $old;
ALTER DATABASE $new RENAME TO $DATABASE;
COMMIT;
DROP DATABASE $old;
SQL
trap - EXIT
echo "restored $file"

if [[ -z $start ]]; then
  echo 'start with: docker compose -f ops/docker-compose.prod.yml up -d'
  exit
fi
# The roles' job and the migration give the rights that the dump does not carry.
compose up -d "${scale[@]}"
