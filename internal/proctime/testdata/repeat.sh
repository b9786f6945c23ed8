# Prints clocks and random numbers of a shell and its children.
for _ in 1 2 3 4 5; do
  echo "$EPOCHREALTIME $SRANDOM $(date +%s.%N) $(od -An -N8 -tx8 /dev/urandom)"
  sleep "0.$((SRANDOM % 100 + 1))"
done
