# What ops/backup.sh and ops/restore.sh share; they are in the project's root by now.
DATABASE=sentinel

compose() { docker compose -f ops/docker-compose.prod.yml "$@"; }
in_postgres() { compose exec -T postgres "$@"; }

# The image names its superuser postgres; older stacks named theirs sentinel.
find_superuser() {
  local name
  for name in postgres sentinel; do
    if [[ $(in_postgres psql -XAtq -U "$name" -d template1 \
      -c 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user' </dev/null 2>/dev/null) == t ]]; then
      echo "$name"
      return
    fi
  done
  return 1
}

# Whether a dump can be read to its end: the list of contents is at its beginning, and
# tells nothing of what is missing.
whole() { in_postgres pg_restore --file=/dev/null <"$1"; }
