package events

import (
	_ "embed"
	"slices"
)

//go:embed release.schema.json
var releaseSchema []byte

// Schema returns the JSON Schema (draft 2020-12) of the detail of serin's own events on EventBridge: source "serin",
// detail-type "serin Release " and the kind.
func Schema() ([]byte, error) { return slices.Clone(releaseSchema), nil }
