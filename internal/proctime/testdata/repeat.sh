# Prints how time passes, and random numbers, of a shell and its children. It needs bash 5.1.
began=${EPOCHREALTIME/./}
for _ in 1 2 3 4 5; do
  date +%S >/dev/null
  echo "$((${EPOCHREALTIME/./} - began)) $SRANDOM"
  sleep "$((SRANDOM % 100 + 1)).$((SRANDOM % 100))"
done
