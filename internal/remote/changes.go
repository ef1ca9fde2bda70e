package remote

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/serin-aws/serin/internal/release"
)

// Change is one setting that differs. An element of a list of names has the list's path, and only one of From and To.
type Change struct {
	Path string          `json:"path"`
	From json.RawMessage `json:"from,omitempty"` // absent: the setting is new
	To   json.RawMessage `json:"to,omitempty"`   // absent: the setting is gone
}

// changes returns what differs between two targets written as JSON, by path. The order of a list of names is no
// difference.
func changes(before, after []byte) ([]Change, error) {
	from, err := settings(before)
	if err != nil {
		return nil, err
	}
	to, err := settings(after)
	if err != nil {
		return nil, err
	}
	var found []Change
	for key := range maps.Keys(from) {
		if !bytes.Equal(from[key], to[key]) {
			found = append(found, Change{Path: key.path, From: from[key], To: to[key]})
		}
	}
	for key := range maps.Keys(to) {
		if _, known := from[key]; !known {
			found = append(found, Change{Path: key.path, To: to[key]})
		}
	}
	slices.SortFunc(found, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), bytes.Compare(a.From, b.From), bytes.Compare(a.To, b.To))
	})
	return found, nil
}

// setting names one value: by its path, and an element of a list of names by the name too.
type setting struct{ path, element string }

func settings(document []byte) (map[setting]json.RawMessage, error) {
	found := map[setting]json.RawMessage{}
	if err := flatten("", document, found); err != nil {
		return nil, release.Errorf(release.Unexpected, "compare two targets", "%w", err)
	}
	return found, nil
}

func flatten(path string, value json.RawMessage, into map[setting]json.RawMessage) error {
	switch value[0] {
	case '{':
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(value, &fields); err != nil {
			return err
		}
		for name, field := range fields {
			if path != "" {
				name = path + "." + name
			}
			if err := flatten(name, field, into); err != nil {
				return err
			}
		}
	case '[':
		var elements []json.RawMessage
		if err := json.Unmarshal(value, &elements); err != nil {
			return err
		}
		for i, element := range elements {
			if element[0] == '"' {
				into[setting{path, string(element)}] = element
			} else if err := flatten(fmt.Sprintf("%s[%d]", path, i), element, into); err != nil {
				return err
			}
		}
	default:
		into[setting{path: path}] = value
	}
	return nil
}
