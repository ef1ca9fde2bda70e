package targetfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// Parse reads a target from YAML, or from JSON where the name ends in .json or the text is a whole JSON value, fills in
// the defaults and checks everything that can be known without AWS. The name stands in errors. The error is a
// *release.Error with code Invalid around yamlfile.Problems: all of them, each with its place.
func Parse(name string, data []byte) (release.Target, error) {
	file, err := yamlfile.Read(name, data, table)
	if err != nil {
		return release.Target{}, err
	}
	var t release.Target
	if err := file.Decode(&t); err != nil {
		return release.Target{}, release.Errorf(release.Unexpected, "read "+name, "%w", err)
	}
	derive(&t, file)
	check(t, file)
	if err := file.Err(); err != nil {
		return release.Target{}, err
	}
	return t, nil
}

// Marshal returns the target as it stands in SSM: JSON without white space, every default written out. Parse reads it
// back to the same target.
func Marshal(t release.Target) ([]byte, error) {
	data, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("write target %s: %w", t.Name, err)
	}
	return data, nil
}

// Hash returns the hash of a target's text, so that an edit between two reads shows: SHA-256, 64 hex digits.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Schema returns the JSON Schema (draft 2020-12) of the user's file, for editors.
func Schema() ([]byte, error) {
	return table.JSONSchema("serin target", "One workload and how it is released.")
}

// Show returns the effective file: everything that is in force, in the order of the table, each default marked as one.
func Show(name string, data []byte) ([]byte, error) {
	t, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	given, err := yamlfile.Read(name, data, table)
	if err != nil {
		return nil, err
	}
	whole, err := Marshal(t)
	if err != nil {
		return nil, err
	}
	effective, err := yamlfile.Read(name, whole, table)
	if err != nil {
		return nil, err
	}
	return effective.YAML(func(path yamlfile.Path) string {
		if given.Given(path) {
			return ""
		}
		return "default"
	}), nil
}
