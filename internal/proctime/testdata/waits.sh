# Five kinds of wait of 60 s each, by the shell's own clock: 300 s. Each prints a line of JSON. It needs bash 5 for EPOCHREALTIME.
wait_for() {
  local name=$1 began=${EPOCHREALTIME/./} said
  shift
  "$@"
  said=$?
  printf '{"name":"%s","took":%d000,"said":"%d"}\n' "$name" $((${EPOCHREALTIME/./} - began)) $said
}

background() {
  sleep 60 &
  wait $!
}

pipe() { (sleep 60; echo done) | while read -r line; do :; done; }

from_nobody() { read -r -t 60 line <&3; }

[[ -p $1/nobody ]] || mkfifo "$1/nobody"
exec 3<>"$1/nobody"
wait_for sleep sleep 60
wait_for timeout timeout 60 sleep 1000
wait_for 'read -t' from_nobody
wait_for wait background
wait_for pipe pipe
