#!/bin/sh
# One command: Lazaret beside a bare Utf8JsonReader, then beside npm's fhir and ajv on the same bytes. Compare within one run only.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build "$here" -c Release -v q >&2
bench=$here/../../artifacts/bin/FhirBench/release/FhirBench
"$bench" 1 8 64
cp "$here"/peers/* "$work"
(cd "$work" && npm install --silent --no-audit --no-fund >&2)
"$bench" --write "$work/bundle.json" 8
node "$work/peers.cjs" "$work/bundle.json"
