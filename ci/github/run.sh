#!/usr/bin/env bash
# Runs chaosrun with the inputs of action.yml, which come as CHAOSRUN_…. It writes the reports, the summary of the step and the annotations, and
# ends with the exit code of chaosrun.
set -euo pipefail

reports=$CHAOSRUN_REPORTS
mkdir -p "$reports"
args=(run)
# words appends the words of a text, each behind an option if there is one. No shell looks for files: globs are for chaosrun.
words() {
  local all word
  read -r -d '' -a all <<<"$1" || true
  for word in ${all[@]+"${all[@]}"}; do
    args+=(${2:+"$2"} "$word")
  done
}
# option appends an option with a value, if there is one.
option() {
  if [[ -n $2 ]]; then
    args+=("$1" "$2")
  fi
}

words "$CHAOSRUN_SCENARIOS"
option --tags "$CHAOSRUN_TAGS"
words "$CHAOSRUN_TARGET" --target
option --policy "$CHAOSRUN_POLICY"
option --shard "$CHAOSRUN_SHARD"
option --baseline "$CHAOSRUN_BASELINE"
words "$CHAOSRUN_ARGS"
args+=(--report "json=$reports/report.json" --report "html=$reports/report.html" --report "junit=$reports/junit.xml")
args+=(--report "markdown=$reports/summary.md" --report "github=$reports/annotations.txt")

code=0
chaosrun "${args[@]}" || code=$?
if [[ -f $reports/summary.md ]]; then
  cat "$reports/summary.md" >>"$GITHUB_STEP_SUMMARY"
fi
# annotate prints the annotations. GitHub looks for files from the root of the repository, and chaosrun names them from the folder of the run.
annotate() {
  local line below=${PWD#"$GITHUB_WORKSPACE"}
  below=${below#/}
  while IFS= read -r line; do
    if [[ -n $below && $line == ::*' file='[!/]* ]]; then
      line=${line/ file=/" file=$below/"}
    fi
    printf '%s\n' "$line"
  done
}
if [[ -f $reports/annotations.txt ]]; then
  annotate <"$reports/annotations.txt"
fi
rm -f "$reports/summary.md" "$reports/annotations.txt"
{
  printf 'exit-code=%s\n' "$code"
  printf 'reports=%s\n' "$PWD/$reports"
} >>"$GITHUB_OUTPUT"
exit "$code"
