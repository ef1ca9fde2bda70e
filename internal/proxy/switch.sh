#!/bin/sh
# Puts one proxy in the place of the other while requests come in. Written by "serin proxy render --mode switch".
#
#   serin-proxy nginx                    nginx answers, nothing is mirrored
#   serin-proxy envoy HOST:PORT PERCENT  Envoy answers and mirrors that share to HOST:PORT
#
# It stands beside nginx.conf and envoy.json, needs nginx, envoy, curl and flock on the path, and may be called at any
# time, as often as one likes. Exit codes: 0 it is so; 1 it could not be done, and what answered before still does; 2
# wrong use; 75 another call is at work.
#
# Both proxies listen on the same port (SO_REUSEPORT), so the new one takes connections before the old one stops.
# The old one then says "Connection: close" with every answer until no client can hold an idle connection any more, and
# only then goes: a request that is sent on a connection that is just being closed would be lost.
set -eu
umask 022 # nginx's workers are another user, and look for {{.Drain}}

here=$(cd "$(dirname "$0")" && pwd)
run={{.Folder}}
admin=http://127.0.0.1:{{.Admin}}
keepalive={{seconds .KeepAlive}} # seconds
longest={{seconds .Timeout}}   # seconds that an answer may take

say() { echo "serin-proxy: $*" >&2; }
give_up() { say "$*"; exit 1; }

# begin NAME COMMAND...: in the background, started again by systemd should it fail.
begin() {
	name=$1
	shift
	if [ -d /run/systemd/system ]; then
		systemctl reset-failed "serin-proxy-$name" 2>/dev/null || true
		systemd-run --quiet --collect --unit="serin-proxy-$name" --property=Restart=on-failure --property=LimitNOFILE=65536 -- "$@" 9>&-
	else
		setsid "$@" >>"$run/$name.log" 2>&1 9>&- &
	fi
}

# until_true SECONDS COMMAND...: whether the command succeeds within that time.
until_true() {
	tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

ask() { curl --silent --fail --max-time 5 "$@"; }
nginx_runs() { [ -s {{.PID}} ] && kill -0 "$(cat {{.PID}})" 2>/dev/null; }
nginx_is_gone() { ! nginx_runs; }
envoy_runs() { ask --output /dev/null "$admin/ready"; }
envoy_is_gone() { ! curl --silent --output /dev/null --max-time 5 "$admin/ready"; }
envoy_is_idle() { ask "$admin/stats?filter=^http.users.downstream_rq_active$" | grep -q ': 0$'; }

# Connections that the old proxy has not accepted yet go to the new one when it closes its port (Linux 5.14 or newer).
migrate() {
	[ "$(cat /proc/sys/net/ipv4/tcp_migrate_req 2>/dev/null)" = 1 ] || sysctl -qw net.ipv4.tcp_migrate_req=1 ||
		say "net.ipv4.tcp_migrate_req cannot be set: a connection that is opened in the very moment of the switch may be refused"
}

# share PERCENT: Envoy notices when the link changes to another folder.
share() {
	[ "$(cat {{.Runtime}}/{{.PercentFile}} 2>/dev/null)" != "$1" ] || return 0
	new=$(mktemp -d "$run/runtime/share.XXXXXX")
	mkdir -p "$new/$(dirname {{.PercentFile}})"
	echo "$1" >"$new/{{.PercentFile}}"
	old=$(readlink {{.Runtime}} || true)
	ln -s "$new" "$run/runtime/next"
	mv -T "$run/runtime/next" {{.Runtime}}
	[ -z "$old" ] || rm -rf "$old"
}

start_nginx() {
	rm -f {{.Drain}}
	nginx_runs && return 0
	nginx -q -t -c "$here/nginx.conf" || give_up "nginx refuses $here/nginx.conf"
	rm -f {{.PID}}
	begin nginx nginx -c "$here/nginx.conf"
	until_true 15 nginx_runs || give_up "nginx did not start; see $run/nginx.log or journalctl -u serin-proxy-nginx"
}

stop_nginx() {
	nginx_runs || return 0
	touch {{.Drain}}
	sleep $((keepalive + 1))
	kill -QUIT "$(cat {{.PID}})"
	until_true $((longest + 10)) nginx_is_gone || say "nginx still serves its last requests"
	rm -f {{.Drain}}
}

# start_envoy HOST:PORT
start_envoy() {
	envoy_runs && return 0
	sed -e '/"address": "{{host .Later}}"/{s/{{host .Later}}/'"${1%:*}"'/;n;s/: [0-9]*/: '"${1##*:}"'/}' "$here/envoy.json" >"$run/envoy.json"
	envoy -c "$run/envoy.json" --mode validate --log-level error >"$run/envoy.log" 2>&1 || give_up "Envoy refuses $run/envoy.json, nginx goes on; see $run/envoy.log"
	echo "$1" >"$run/shadow"
	begin envoy envoy -c "$run/envoy.json" --disable-hot-restart --drain-strategy immediate --drain-time-s "$keepalive" --log-level warning
	until_true 30 envoy_runs && return 0
	ask --request POST --output /dev/null "$admin/quitquitquit" || true
	give_up "Envoy did not become ready, nginx goes on; see $run/envoy.log or journalctl -u serin-proxy-envoy"
}

stop_envoy() {
	envoy_runs || return 0
	ask --request POST --output /dev/null "$admin/drain_listeners?graceful"
	sleep $((keepalive + 1))
	until_true "$longest" envoy_is_idle || say "Envoy is stopped with requests that have taken longer than $longest s"
	ask --request POST --output /dev/null "$admin/quitquitquit" || true
	until_true 15 envoy_is_gone || give_up "Envoy does not stop"
}

to_nginx() {
	migrate
	start_nginx
	stop_envoy
}

to_envoy() {
	if envoy_runs && [ "$(cat "$run/shadow" 2>/dev/null)" != "$1" ]; then to_nginx; fi
	migrate
	share "$2"
	start_envoy "$1"
	stop_nginx
}

wrong() { sed -n '4,5s/^# *//p' "$0" >&2; exit 2; }

mkdir -p "$run/runtime"
case "${1:-}" in
nginx) ;;
envoy)
	echo "${2:-}" | grep -Eq '^[A-Za-z0-9][A-Za-z0-9.-]*:[1-9][0-9]{0,4}$' || wrong
	echo "${3:-}" | grep -Eq '^([0-9]|[1-9][0-9]|100)$' || wrong
	;;
*) wrong ;;
esac
exec 9>"$run/lock"
flock -n 9 || exit 75
if [ "$1" = nginx ]; then to_nginx; else to_envoy "$2" "$3"; fi
