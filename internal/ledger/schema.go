package ledger

import (
	_ "embed"
	"slices"
)

//go:embed ledger.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of the table's items: an item as an object of its attributes, numbers and
// strings as they are, and what the JSON text in doc holds. It is made from the types that are written, by a test.
func Schema() ([]byte, error) { return slices.Clone(schema), nil }
