#!/usr/bin/env bash
# Installs chaosrun for the steps that follow: CHAOSRUN_VERSION from CHAOSRUN_FROM, see action.yml.
set -euo pipefail

fail() {
  printf '::error title=chaosrun::%s\n' "$*"
  exit 1
}

# release unpacks the archive of a release for this runner, after a look at its checksum.
release() {
  local system machine ending=tar.gz version=$CHAOSRUN_VERSION base archive folder
  case $RUNNER_OS in
    Linux) system=linux ;;
    macOS) system=darwin ;;
    Windows) system=windows ending=zip ;;
    *) fail "there is no archive for $RUNNER_OS: use from: go" ;;
  esac
  case $RUNNER_ARCH in
    X64) machine=amd64 ;;
    ARM64) machine=arm64 ;;
    *) fail "there is no archive for $RUNNER_ARCH: use from: go" ;;
  esac
  folder=$RUNNER_TEMP/chaosrun
  rm -rf "$folder" && mkdir -p "$folder"
  if [[ $version == latest ]]; then
    base=$CHAOSRUN_RELEASES/latest/download
  else
    base=$CHAOSRUN_RELEASES/download/v${version#v}
  fi
  curl --fail --silent --show-error --location --retry 3 --output "$folder/SHA256SUMS" "$base/SHA256SUMS" ||
    fail "no release $version at $CHAOSRUN_RELEASES"
  archive=$(awk -v ending="-$system-$machine.$ending" \
    'index($2, "chaosrun-") == 1 && substr($2, length($2) - length(ending) + 1) == ending {print $2}' "$folder/SHA256SUMS")
  [[ -n $archive ]] || fail "release $version has no archive for $system/$machine"
  curl --fail --silent --show-error --location --retry 3 --output "$folder/$archive" "$base/$archive" ||
    fail "$archive could not be fetched"
  (cd "$folder" && grep -F "  $archive" SHA256SUMS | sum --check --quiet) || fail "$archive is not what its checksum says"
  if [[ $ending == zip ]]; then
    unzip -q "$folder/$archive" -d "$folder"
  else
    tar -xzf "$folder/$archive" -C "$folder"
  fi
  printf '%s\n' "$folder/${archive%."$ending"}" >>"$GITHUB_PATH"
}

# sum compares checksums with whichever tool is there.
sum() {
  if command -v sha256sum >/dev/null; then
    sha256sum "$@"
  else
    shasum --algorithm 256 "$@"
  fi
}

case $CHAOSRUN_FROM in
  release) release ;;
  go)
    command -v go >/dev/null || fail "from: go needs Go: put actions/setup-go before this step"
    go install "github.com/chaosrun/chaosrun/cmd/chaosrun@$CHAOSRUN_VERSION"
    printf '%s\n' "$(go env GOPATH)/bin" >>"$GITHUB_PATH"
    ;;
  path) command -v chaosrun >/dev/null || fail "from: path needs a chaosrun on the path" ;;
  *) fail "from: $CHAOSRUN_FROM is none of release, go and path" ;;
esac
